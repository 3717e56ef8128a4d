{# What is added to minutes before they are divided into whole units: all but one of a unit, so that one begun counts;
   half a unit, for the nearest number; or nothing, for those that have passed whole (the service's règlement). #}
{% macro added_for_the_end(mode, rounding_minutes) -%}
    case {{ mode }}
        when 'begun' then {{ rounding_minutes }} - 1
        when 'nearest' then {{ whole_division(rounding_minutes, '2') }}
        else 0
    end
{%- endmacro %}

{# The same before an arrival: the earlier it counts, the more units are begun. #}
{% macro added_for_the_start(mode, rounding_minutes) -%}
    case {{ mode }}
        when 'begun' then 0
        when 'nearest' then {{ whole_division(rounding_minutes, '2') }}
        else {{ rounding_minutes }} - 1
    end
{%- endmacro %}

{# How many units of a duration count, the tolerance taken off first. #}
{% macro units_counted(minutes, mode, rounding_minutes, tolerance_minutes) -%}
    cast(
        greatest(0, {{ whole_division(
            minutes ~ " - " ~ tolerance_minutes ~ " + " ~ added_for_the_end(mode, rounding_minutes), rounding_minutes
        ) }})
        as integer
    )
{%- endmacro %}

{# How many units minutes on the clock's grid begin: their ends were rounded already. #}
{% macro units_begun(minutes, rounding_minutes) -%}
    cast({{ whole_division(minutes ~ " + " ~ rounding_minutes ~ " - 1", rounding_minutes) }} as integer)
{%- endmacro %}

{# The minute that counts for an arrival: on the clock's grid of the unit, outwards when the unit begun counts. #}
{% macro arrival_counted(minute, rule) -%}
    case
        when {{ rule }}.rounding_on in ('ends', 'arrival')
            then {{ on_grid(
                minute ~ " + " ~ rule ~ ".tolerance_minutes + "
                ~ added_for_the_start(rule ~ ".rounding_mode", rule ~ ".rounding_minutes"), rule
            ) }}
        else {{ minute }}
    end
{%- endmacro %}

{# The minute that counts for a departure. #}
{% macro departure_counted(minute, rule) -%}
    case
        when {{ rule }}.rounding_on in ('ends', 'departure')
            then {{ on_grid(
                minute ~ " - " ~ rule ~ ".tolerance_minutes + "
                ~ added_for_the_end(rule ~ ".rounding_mode", rule ~ ".rounding_minutes"), rule
            ) }}
        else {{ minute }}
    end
{%- endmacro %}

{# The last minute of the clock's grid up to one. #}
{% macro on_grid(minute, rule) -%}
    {{ whole_division(minute, rule ~ ".rounding_minutes") }} * {{ rule }}.rounding_minutes
{%- endmacro %}

{# The last end among the stays of the day that begin before this one, told apart by `also`; null for the first. A
   decided arrival may put them out of their order. #}
{% macro ended_before(end, start, also=none) -%}
    max({{ end }}) over (
        partition by child_id, service_id, day{{ ", " ~ also if also else "" }} order by {{ start }}, stay_no
        rows between unbounded preceding and 1 preceding
    )
{%- endmacro %}
