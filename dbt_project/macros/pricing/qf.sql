{# The day whose QF holds on a day, by the service's rule: that day itself, the first of its month, or the 1 September
   (or 1 January) before; « january » is the rule of bodies that aid. #}
{% macro qf_reference_day(qf_rule, day) -%}
    case
        when {{ qf_rule }} = 'on_day' then {{ day }}
        when {{ qf_rule }} = 'month_start' then make_date(extract(year from {{ day }}), extract(month from {{ day }}), 1)
        when {{ qf_rule }} = 'january' then make_date(extract(year from {{ day }}), 1, 1)
        when extract(month from {{ day }}) >= 9 then make_date(extract(year from {{ day }}), 9, 1)
        when {{ qf_rule }} = 'january_september' then make_date(extract(year from {{ day }}), 1, 1)
        else make_date(extract(year from {{ day }}) - 1, 9, 1)
    end
{%- endmacro %}
