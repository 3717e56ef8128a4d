{# The search key of a name (domain.names.search_key): upper case, without accents, one space between words. #}
{% macro search_key(text) -%}
    {%- set accents = "ÀÁÂÃÄÅĀĂĄÇĆĈĊČÈÉÊËĒĖĘĚÌÍÎÏĪĮÑŃŇÒÓÔÕÖŌŐØÙÚÛÜŪŮŰÝŸŽŹŻŠŚŁ" -%}
    {%- set letters = "AAAAAAAAACCCCCEEEEEEEEIIIIIINNNOOOOOOOOUUUUUUUYYZZZSSL" -%}
    trim({{ only_words(
        "replace(replace(translate(upper(" ~ text ~ "), '" ~ accents ~ "', '" ~ letters ~ "'), 'Œ', 'OE'), 'Æ', 'AE')"
    ) }})
{%- endmacro %}

{# Each run of what is neither a letter nor a figure becomes one space. #}
{% macro only_words(text) -%}
    {{ return(adapter.dispatch('only_words', 'marelle')(text)) }}
{%- endmacro %}

{% macro duckdb__only_words(text) -%}
    regexp_replace({{ text }}, '[^A-Z0-9]+', ' ', 'g')
{%- endmacro %}

{% macro spark__only_words(text) -%}
    regexp_replace({{ text }}, '[^A-Z0-9]+', ' ')
{%- endmacro %}
