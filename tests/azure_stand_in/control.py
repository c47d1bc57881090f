"""A stand-in of the Video Indexer API on a free port of the loopback interface, and what a test tells it to do.

    from tests.azure_stand_in.control import stand_in
    from tests.azure_stand_in.faults import Fault, Faults
    from tests.azure_stand_in.library import StandInVideo, large_video, made_videos, project, real_videos

    with stand_in(made_videos(200)) as azure:
        azure.url                  base URL, of the API and of Azure Resource Manager alike: "http://127.0.0.1:40123"
        azure.location             "eastus"; with azure.account_id the path of every API call
        azure.token()              a new access token, good for `token_seconds` (3,600) of the stand-in's clock;
                                   token("Contributor") may also upload and index again
        azure.arm_path             where POST (with `Authorization: Bearer {azure.entra_token}`) generates a token; its parts
                                   are azure.subscription, azure.resource_group and azure.account_name
        azure.expire_tokens()      every token given so far answers 401 ACCESS_TOKEN_EXPIRED from now on
        azure.refusal = 403        every API call is refused, as one that is not allowed (401 or 403); None again allows it

        azure.set_videos(videos)   what is listed, newest first; a number makes so many
        azure.set_projects(...)    listed by List Projects only
        azure.add(video)           one more, as the first of the list; the upload call does the same
        azure.reindex(id)          new keywords under the same id; lastIndexed and lastModified move
        azure.rename(id, name)     lastModified moves, lastIndexed does not
        azure.set_state(id, "Failed")
        azure.delete(id)           gone from the list, its index answers 404 BREAKDOWN_NOT_FOUND; with removed=True it
                                   answers 400 VIDEO_REMOVED instead
        azure.ids("Processed")     the ids in this state, or all, in the order of the list
        azure.document(id, language=None)     the whole document as it is now (a dict)

        azure.faults = Faults(rate=0.3, seed=7, kinds={Fault.CUT, Fault.DROPPED}, calls={"index"})
                                   the same requests meet the same faults in every run, in whatever order they arrive; at
                                   most `in_a_row` (3) for one request. Every kind is default but TRUNCATED
        azure.limits = Limits(per_second=10, per_minute=120)      more are answered 429; by default nothing is throttled
        with azure.held("index"):  answers of this kind wait until the block is left
        azure.before = function    called with each Request before it is answered, in the thread of the stand-in; it may
                                   change anything, such as the list between two pages

        azure.requests             what has arrived, of the kinds "videos", "projects", "index", "token", "upload",
                                   "reindex" and "other": list(azure.requests) of Request(kind, time, method, path, query,
                                   video_id, status, fault), in order of arrival; .count("index"), .times("index"),
                                   .most_at_once, .clear(), .wait_for("index", 3)
        azure.finish_indexing(*ids, state="Processed", repeats=1, seed=None)
                                   ends the indexing of uploaded videos and POSTs id and state to each one's callbackUrl,
                                   `repeats` times, shuffled by `seed`; returns the status codes (0: not reached)
        azure.notify(id, state)    only the POST, whatever is true; notify_person(id) is the one about a recognised face

`stand_in(filters=False)` ignores includedInsights and its like, so that large documents come whole. The clock of tokens
and limits can be given: `stand_in(clock=function)`, seconds.
"""
