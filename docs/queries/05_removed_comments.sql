-- Which comments were removed at LinkedIn?
-- A comment that was not there when all comments of its post were last listed.
SELECT comments.post, comments.urn, comments.listed_at AS last_seen_at
FROM comments
JOIN engagement_listings ON engagement_listings.post = comments.post AND engagement_listings.kind = 'comments'
WHERE comments.listed_at < engagement_listings.listed_at
ORDER BY comments.post, comments.urn;
