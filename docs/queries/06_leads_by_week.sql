-- How many leads did each form bring in each week?
-- Weeks begin on Monday, in UTC. Tests are left out.
SELECT
    CAST(date_trunc('week', answers.submitted_at) AS date) AS week,
    answers.lead_gen_form,
    forms.name,
    count(*) AS leads
FROM lead_gen_form_responses AS answers
LEFT JOIN lead_gen_forms AS forms ON forms.urn = answers.lead_gen_form
WHERE answers.test_lead IS NOT TRUE
GROUP BY 1, answers.lead_gen_form, forms.name
ORDER BY week DESC, leads DESC, answers.lead_gen_form;
