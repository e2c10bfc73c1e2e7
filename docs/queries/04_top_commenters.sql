-- Who comments most on our posts?
-- Comments whose author LinkedIn does not show are left out, and so are the page's own.
SELECT
    coalesce(
        people.localized_first_name || ' ' || people.localized_last_name,
        organization_lookup.localized_name,
        comments.actor
    ) AS author,
    comments.actor,
    count(*) AS comments,
    count(DISTINCT comments.post) AS posts
FROM comments
LEFT JOIN people ON people.person = comments.actor
LEFT JOIN organization_lookup ON organization_lookup.organization = comments.actor
WHERE comments.actor <> comments.organization
GROUP BY 1, comments.actor
ORDER BY comments DESC, comments.actor
LIMIT 10;
