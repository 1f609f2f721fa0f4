{{ config(severity='warn') }}
SELECT campaign_id FROM {{ ref('marketing_campaigns') }} WHERE reported_roi <> roi_percentage
