{{ config(severity='warn') }}
SELECT product_id FROM {{ ref('agg_inventory_status') }} WHERE is_active AND current_stock <= reorder_level
