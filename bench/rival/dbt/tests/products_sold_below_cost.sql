{{ config(severity='warn') }}
SELECT product_id FROM {{ ref('products') }} WHERE price < cost
