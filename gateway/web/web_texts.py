"""What the web chat answers by itself: what is wrong, what is expected, that nothing was lost; and
the error that says so."""

from collections.abc import Mapping

ZH: Mapping[str, str] = {
    "signed_out": "请先登录。之前发的都没有丢。",
    "wrong_sign_in": "登录名或者口令不对。请核对后再试；忘了口令，请上级党组织在“职务和邀请”里按"
    "“电话丢了”，给您一条新链接。",
    "too_many_tries": "试的次数太多了。请过一小时再试；您的账号没有锁死，内容没有丢。",
    "busy": "现在忙不过来。请过几秒再试一次，填的内容没有丢。",
    "bad_token": "这个邀请链接不完整。请把整条链接重新打开一次；邀请没有因此失效。",
    "name_form": "登录名要2到32个字，可以用汉字、字母、数字和 . _ -，请换一个再试。",
    "name_taken": "这个登录名有人用了。是您自己刚设的，请直接登录；不是，请换一个。邀请还有效。",
    "weak_passphrase": "口令太短或者太简单：至少12个字母、数字（一个汉字算两个），不要都一样，"
    "也不要就是登录名。请换一个，邀请还有效。",
    "long_passphrase": "口令太长：最多128个字。请短一些再试。",
    "wrong_passphrase": "原来的口令不对。请再写一次；口令没有改。",
    "other_page": "这个请求不是从引路的网页来的，没有办。请从网页打开引路再试。",
    "stale_page": "页面过时了。请刷新以后再试；什么也没有丢。",
    "bad_request": "这个请求读不懂。请刷新页面再试；之前发的都没有丢。",
    "empty": "请写点什么，或者加一个文件。",
    "long_text": "一条最多4096个字。请分成几条发，内容没有丢。",
    "many_files": "一次最多10个文件。请分几次发，没有发出去的都还在。",
    "large_file": "一个文件最大20 MB。请压缩以后再发，其余的没有丢。",
    "slow_upload": "文件传得太慢，没有收下。请到信号好的地方再发，或者把文件压小；写的内容没有丢。",
    "full": "一天里发的文件太多了。请明天再发，或者把文件压小；之前发的都没有丢。",
    "too_often": "发得太快了。请过一分钟再发，内容没有丢。",
    "not_joined": "加入以后才能发文件、发很多消息。请先回答引路的问题；邀请没有因此失效。",
    "not_found": "没有这一项，可能已经撤下。请刷新页面。",
    "not_yours": "只能改自己写的、没有附件的消息。",
    "failed": "引路这边出了错，没有办成。请过一会儿再试；之前存下的都没有丢。",
    "about": "一步一步办好入党的事：该办什么、谁来办、什么时候办。",
    "joined": "我收到了邀请，来加入。",
    "other_device": "另一台设备",
}
EN: Mapping[str, str] = {
    "signed_out": "Please sign in first. Nothing you sent is lost.",
    "wrong_sign_in": "Login name or passphrase is wrong. Check both and try again; if you forgot "
    "the passphrase, ask the committee above you to press “Telephone lost” at your post: it gives "
    "you a new link.",
    "too_many_tries": "Too many tries. Try again in an hour; your account isn't locked for good, "
    "and nothing is lost.",
    "busy": "Too much is going on. Try again in a few seconds; what you entered isn't lost.",
    "bad_token": "This invitation link isn't whole. Open the whole link again; that didn't use it "
    "up.",
    "name_form": "A login name has 2 to 32 letters, digits or . _ -. Choose another one.",
    "name_taken": "This login name is taken. If you chose it a moment ago, sign in; otherwise "
    "choose another one. The invitation is still good.",
    "weak_passphrase": "The passphrase is too short or too simple: at least 12 letters or digits "
    "(a Chinese character counts as two), not all alike, and not the login name. "
    "Choose another one; the invitation is still good.",
    "long_passphrase": "The passphrase is too long: at most 128 characters.",
    "wrong_passphrase": "The old passphrase is wrong. Write it again; nothing was changed.",
    "other_page": "This request doesn't come from the page of 引路, and nothing was done. Open the "
    "page and try again.",
    "stale_page": "The page is out of date. Load it again and try once more; nothing is lost.",
    "bad_request": "This request can't be read. Load the page again; nothing you sent is lost.",
    "empty": "Write something, or add a file.",
    "long_text": "A message has at most 4,096 characters. Send it in pieces; the text isn't lost.",
    "many_files": "At most 10 files at once. Send them in several messages; what wasn't sent is "
    "still there.",
    "large_file": "A file has at most 20 MB. Make it smaller and send it again; nothing else is "
    "lost.",
    "slow_upload": "The file came too slowly and wasn't taken. Send it again where the network is "
    "better, or make it smaller; what you wrote isn't lost.",
    "full": "Too many files in one day. Send it tomorrow, or make it smaller; what was sent is "
    "kept.",
    "too_often": "That is too fast. Send it again in a minute; the text isn't lost.",
    "not_joined": "Files, and many messages, can be sent once you have joined. First answer what "
    "引路 asks you; the invitation is still good.",
    "not_found": "There is no such thing, or it was taken off. Load the page again.",
    "not_yours": "Only what you wrote yourself, without a file, can be changed.",
    "failed": "Something went wrong here, and it wasn't done. Try again in a while; what was "
    "stored isn't lost.",
    "about": "Leads through admitting a member, step by step: what, by whom, when.",
    "joined": "I have an invitation and come to join.",
    "other_device": "Another device",
}


def said(name: str, language: str = "") -> str:
    """`language`: as the browser names it, the one it prefers first."""
    return (EN if language.lower().startswith("en") else ZH)[name]


class Problem(Exception):
    """`code`: a name in web_texts, which the page knows as well. `status`: of HTTP."""

    def __init__(self, code: str, status: int = 400) -> None:
        super().__init__(code)
        self.code, self.status = code, status
