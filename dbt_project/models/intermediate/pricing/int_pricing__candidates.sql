-- The rules of the version in force whose conditions hold for a line, or would if what they ask for were known.
select
    lines.line_id,
    rules.tariff_rule_id,
    rules.ordinal,
    rules.applies_to,
    {{ missing_for('rules', 'lines', is_price=false) }} as missing
from {{ ref('int_pricing__circumstances') }} as lines
inner join {{ ref('stg_records__tariff_rules') }} as rules
    on lines.tariff_version_id = rules.tariff_version_id
    and coalesce(lines.rule_kind, '') = coalesce(rules.rule_kind, '')
where
    {{ holds_or_unknown('rules', 'lines') }}
    and (rules.applies_to is not null or {{ quantity('rules', 'lines') }} is not null)
