{# dbt's own make a relation aside, then swap it with the former one under its readers. A build's file is new and
   read by nobody before it is published: made in place, a model costs a quarter less. Contracts hold as they did. #}
{% materialization table, adapter="duckdb" %}
    {{ return(made_in_place("table", create_table_as(False, this, compiled_code))) }}
{% endmaterialization %}

{% materialization view, adapter="duckdb" %}
    {{ return(made_in_place("view", create_view_as(this, compiled_code))) }}
{% endmaterialization %}

{% macro made_in_place(type, statements) %}
    {% do drop_relation_if_exists(load_cached_relation(this)) %}
    {% call statement("main") %}{{ statements }}{% endcall %}
    {% do adapter.commit() %}
    {{ return({"relations": [this.incorporate(type=type)]}) }}
{% endmacro %}
