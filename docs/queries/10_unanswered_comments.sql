-- Which comments has the page left unanswered for more than a day?
-- As of the last listing of the post, without comments that were removed. A reply counts if the page itself wrote it.
SELECT comments.post, comments.urn, comments.created_at, comments.text
FROM comments
WHERE comments.actor IS DISTINCT FROM comments.organization
    AND comments.parent_comment IS NULL
    AND comments.created_at < comments.listed_at - INTERVAL '1' DAY
    AND NOT EXISTS (
        SELECT 1 FROM comments AS replies
        WHERE replies.parent_comment = comments.urn AND replies.actor = comments.organization
    )
    AND NOT EXISTS (
        SELECT 1 FROM engagement_listings AS listings
        WHERE listings.post = comments.post AND listings.kind = 'comments' AND comments.listed_at < listings.listed_at
    )
ORDER BY comments.created_at DESC, comments.urn;
