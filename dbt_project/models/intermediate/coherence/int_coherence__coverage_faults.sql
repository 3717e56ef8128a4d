-- What bodies agreed to and that pays nothing yet: on no enrolment, without its number, or at fault on a line.
with today as (
    select last_line_day as day from {{ ref('stg_records__build_days') }}
),

agreed as (
    select coverages.*
    from {{ ref('stg_records__coverages') }} as coverages
    inner join today on coverages.valid_to is null or coverages.valid_to > today.day
    where coverages.state in ('notified', 'applied', 'used_up')
),

coverage_unapplied as (
    select agreed.*
    from agreed
    where
        agreed.coverage_id not in (
            select links.coverage_id
            from {{ ref('stg_records__coverage_enrolments') }} as links
            inner join today on links.removed_on is null or links.removed_on > today.day
        )
),

coverage_unnumbered as (
    select * from agreed
    where decision_number is null
),

coverage_at_fault as (
    select distinct
        coverable.coverage_id,
        coverable.child_id,
        coverable.fault
    from {{ ref('int_pricing__coverable') }} as coverable
    where coverable.fault is not null
)

{% for fault in ['coverage_rank_twice', 'coverages_too_many', 'aid_scale_missing', 'aid_qf_missing'] %}
{{ coherence_fault(
    fault, 'coverage_at_fault', {'person_id': 'child_id', 'other_id': 'coverage_id'}, "fault = '" ~ fault ~ "'"
) }}
union all
{% endfor %}
{{ coherence_fault('coverage_unapplied', 'coverage_unapplied', {
    'person_id': 'child_id', 'other_id': 'coverage_id', 'service_id': 'service_id'
}) }}
union all
{{ coherence_fault('coverage_unnumbered', 'coverage_unnumbered', {
    'person_id': 'child_id', 'other_id': 'coverage_id'
}) }}
