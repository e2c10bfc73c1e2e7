-- When all comments, and all reactions, of each post were last listed.
{{ linkedin_dma.loaded('engagement_listings', {'organization': 'text', 'post': 'text', 'kind': 'text', 'listed_at': 'timestamp'}) }}
