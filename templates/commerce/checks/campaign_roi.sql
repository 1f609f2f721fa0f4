/*
dataset: silver.marketing_campaigns
description: Campaigns whose reported return on investment is not (revenue - budget) / budget.
severity: warn
*/
SELECT campaign_id, budget, revenue, reported_roi, roi_percentage
FROM silver.marketing_campaigns
WHERE reported_roi != roi_percentage
