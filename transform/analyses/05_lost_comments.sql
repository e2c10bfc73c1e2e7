-- Which posts lost comments?
select
    post,
    count(*) as lost_comments,
    max(noticed_at) as noticed_at
from linkedin_dma__removed
where kind = 'comment'
group by post
order by lost_comments desc
