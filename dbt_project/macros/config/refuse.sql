{#- One message form for every fault in the configuration, the same as the command line gives. -#}
{% macro refuse(key, found, expected) %}
    {{ exceptions.raise_compiler_error(key ~ ": found " ~ found ~ "; expected " ~ expected) }}
{% endmacro %}
