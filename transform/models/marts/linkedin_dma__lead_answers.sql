{#- Persons: a view. -#}
with answers as (
    select
        leads.loaded_schema,
        leads.lead,
        cast({{ linkedin_dma.json_text('answer.item', 'questionId') }} as bigint) as question_id,
        {{ linkedin_dma.json_text('answer.item', 'answerDetails.textQuestionAnswer.answer') }} as written,
        {{ linkedin_dma.json_value('answer.item', 'answerDetails.multipleChoiceAnswer.options') }} as chosen
    from {{ ref('stg_linkedin_dma__leads') }} as leads
    {{ linkedin_dma.cross_join_items(linkedin_dma.json_value('leads.form_response', 'answers'), 'answer') }}
),

questions as (
    select
        forms.loaded_schema,
        forms.form,
        forms.form_version,
        cast({{ linkedin_dma.json_text('question.item', 'questionId') }} as bigint) as question_id,
        {{ linkedin_dma.json_text('question.item', 'predefinedField') }} as predefined_field,
        coalesce(
            {{ linkedin_dma.localized_text(linkedin_dma.json_value('question.item', 'question')) }},
            {{ linkedin_dma.json_text('question.item', 'name') }}
        ) as question,
        {{ linkedin_dma.json_value('question.item', 'questionDetails.multipleChoiceQuestionDetails.options') }} as options
    from {{ ref('stg_linkedin_dma__forms') }} as forms
    {{ linkedin_dma.cross_join_items(linkedin_dma.json_value('forms.content', 'questions'), 'question') }}
),

-- The wording that was answered, or the newest that is known: older versions were not listed before the first run.
leads as (
    select
        leads.*,
        coalesce(answered.form_version, newest.form_version) as shown_version,
        coalesce(answered.form_name, newest.form_name) as form_name,
        answered.form_version is not null as is_wording_answered
    from {{ ref('stg_linkedin_dma__leads') }} as leads
    left join {{ ref('stg_linkedin_dma__forms') }} as answered
        on answered.loaded_schema = leads.loaded_schema and answered.form = leads.form and answered.form_version = leads.form_version
    left join {{ ref('stg_linkedin_dma__forms') }} as newest
        on newest.loaded_schema = leads.loaded_schema and newest.form = leads.form and newest.is_newest
),

choices as (
    select
        answers.loaded_schema,
        answers.lead,
        answers.question_id,
        string_agg(coalesce({{ linkedin_dma.localized_text(linkedin_dma.json_value('option.item', 'text')) }}, {{ linkedin_dma.item_text('choice.item') }}), ', ') as labels
    from answers
    {{ linkedin_dma.cross_join_items('answers.chosen', 'choice') }}
    inner join leads on leads.loaded_schema = answers.loaded_schema and leads.lead = answers.lead
    left join (
        select questions.loaded_schema, questions.form, questions.form_version, questions.question_id, option.item
        from questions
        {{ linkedin_dma.cross_join_items('questions.options', 'option') }}
    ) as option
        on option.loaded_schema = leads.loaded_schema and option.form = leads.form and option.form_version = leads.shown_version
        and option.question_id = answers.question_id
        and {{ linkedin_dma.json_text('option.item', 'id') }} = {{ linkedin_dma.item_text('choice.item') }}
    group by answers.loaded_schema, answers.lead, answers.question_id
)

select
    leads.loaded_schema,
    leads.organization,
    leads.lead,
    leads.submitted_at,
    leads.lead_type,
    leads.is_test,
    leads.submitter,
    actors.name as submitter_name,
    leads.event,
    leads.form,
    leads.form_version,
    leads.form_name,
    leads.is_wording_answered,
    answers.question_id,
    questions.predefined_field,
    questions.question,
    coalesce(answers.written, choices.labels) as answer
from leads
left join answers on answers.loaded_schema = leads.loaded_schema and answers.lead = leads.lead
left join questions
    on questions.loaded_schema = leads.loaded_schema and questions.form = leads.form
    and questions.form_version = leads.shown_version and questions.question_id = answers.question_id
left join choices
    on choices.loaded_schema = answers.loaded_schema and choices.lead = answers.lead and choices.question_id = answers.question_id
left join {{ ref('stg_linkedin_dma__actors') }} as actors
    on actors.loaded_schema = leads.loaded_schema and actors.actor = leads.submitter
