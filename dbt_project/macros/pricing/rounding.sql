{# How many units of a duration count, the tolerance taken off first: those begun, the nearest number, or those that
   have passed whole (the service's règlement). #}
{% macro units_counted(minutes, mode, rounding_minutes, tolerance_minutes) -%}
    {%- set counted = "greatest(0, " ~ minutes ~ " - " ~ tolerance_minutes ~ ")" -%}
    cast(
        case {{ mode }}
            when 'nearest' then {{ whole_division(
                "2 * " ~ counted ~ " + " ~ rounding_minutes, "2 * " ~ rounding_minutes
            ) }}
            when 'elapsed' then {{ whole_division(counted, rounding_minutes) }}
            else {{ whole_division(counted ~ " + " ~ rounding_minutes ~ " - 1", rounding_minutes) }}
        end
        as integer
    )
{%- endmacro %}

{# How many units minutes on the clock's grid begin: their ends were rounded already. #}
{% macro units_begun(minutes, rounding_minutes) -%}
    cast({{ whole_division("greatest(0, " ~ minutes ~ ") + " ~ rounding_minutes ~ " - 1", rounding_minutes) }} as integer)
{%- endmacro %}

{# The minute that counts for an arrival: on the clock's grid of the unit, outwards when the unit begun counts. #}
{% macro arrival_counted(minute, rule) -%}
    case
        when {{ rule }}.rounding_on in ('ends', 'arrival')
            then case {{ rule }}.rounding_mode
                when 'begun' then {{ minute_below(minute ~ " + " ~ rule ~ ".tolerance_minutes", rule) }}
                when 'nearest' then {{ minute_nearest(minute ~ " + " ~ rule ~ ".tolerance_minutes", rule) }}
                else {{ minute_above(minute ~ " + " ~ rule ~ ".tolerance_minutes", rule) }}
            end
        else {{ minute }}
    end
{%- endmacro %}

{# The minute that counts for a departure. #}
{% macro departure_counted(minute, rule) -%}
    case
        when {{ rule }}.rounding_on in ('ends', 'departure')
            then case {{ rule }}.rounding_mode
                when 'begun' then {{ minute_above(minute ~ " - " ~ rule ~ ".tolerance_minutes", rule) }}
                when 'nearest' then {{ minute_nearest(minute ~ " - " ~ rule ~ ".tolerance_minutes", rule) }}
                else {{ minute_below(minute ~ " - " ~ rule ~ ".tolerance_minutes", rule) }}
            end
        else {{ minute }}
    end
{%- endmacro %}

{# The grid of the clock; a tolerance never goes before midnight. #}
{% macro minute_below(minute, rule) -%}
    {{ whole_division("greatest(0, " ~ minute ~ ")", rule ~ ".rounding_minutes") }} * {{ rule }}.rounding_minutes
{%- endmacro %}

{% macro minute_above(minute, rule) -%}
    {{ whole_division(
        "greatest(0, " ~ minute ~ ") + " ~ rule ~ ".rounding_minutes - 1", rule ~ ".rounding_minutes"
    ) }} * {{ rule }}.rounding_minutes
{%- endmacro %}

{% macro minute_nearest(minute, rule) -%}
    {{ whole_division(
        "2 * greatest(0, " ~ minute ~ ") + " ~ rule ~ ".rounding_minutes", "2 * " ~ rule ~ ".rounding_minutes"
    ) }} * {{ rule }}.rounding_minutes
{%- endmacro %}

{# The last end among the stays of the day that begin before this one; null for the first. A decided arrival may put
   them out of their order. #}
{% macro ended_before(end, start) -%}
    max({{ end }}) over (
        partition by child_id, service_id, day order by {{ start }}, stay_no
        rows between unbounded preceding and 1 preceding
    )
{%- endmacro %}
