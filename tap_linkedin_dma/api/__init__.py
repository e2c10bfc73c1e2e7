"""LinkedIn's REST API: requests, responses, paging, limits and retries. Knows no stream."""
