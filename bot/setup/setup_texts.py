"""What `yinlu setup` says. It asks in the language of whoever sets it up, Chinese first."""

from collections.abc import Sequence
from pathlib import Path

from services.core.i18n import gettext as _


def begins(folder: Path) -> str:
    return _("设置引路，写在 {folder}。问什么答什么；方括号里的，按回车就用它。").format(
        folder=folder
    ) + _("随时可以停，答过的都在；再运行一次，接着问没答的。答错了的，在那里的文件里改。")


def stopped() -> str:
    return _("停在这里。答过的都在，再运行一次接着来。")


def no_user(name: str) -> str:
    return _(
        "这台机器上没有用户 {name}。先执行：useradd --system --user-group --home-dir /nonexistent "
        "--shell /usr/sbin/nologin {name}，再运行一次。没有改动任何东西。"
    ).format(name=name)


def only_root(folder: Path) -> str:
    return _(
        "{folder} 写不进去。请换一个文件夹（--folder），或者用root运行。没有改动任何东西。"
    ).format(folder=folder)


def profile() -> str:
    return _(
        "按哪里的规定办：national_2026 只按全国细则，yakeshi 加上牙克石市的；"
        "自己的写文件名，如 /etc/yinlu/mycity.toml"
    )


def not_a_profile(problem: str) -> str:
    return _("这份规定用不了：{problem}。请换一份，或者改好再写一次。").format(problem=problem)


def api(bot: str) -> str:
    if bot == "public":
        return _("群众反映的机器人用哪里的消息服务")
    return _("工作人员的机器人用哪里的消息服务（Telegram，或者自己的地址）")


def token(bot: str) -> str:
    if bot == "public":
        return _("群众反映的机器人的令牌（Telegram的由BotFather给；输入时不显示）")
    return _("工作人员的机器人的令牌（Telegram的由BotFather给；输入时不显示）")


def messengers() -> str:
    return _(
        "工作人员用哪些通讯软件：telegram、matrix、wecom（企业微信）、feishu（飞书）、"
        "web（网页版，都没有的用它），几个用空格分开，如 telegram wecom。"
        "不写telegram的，工作人员的机器人不用BotFather的令牌；"
        "群众反映的机器人总要自己的令牌"
    )


def not_messengers() -> str:
    return _("只能写 telegram、matrix、wecom、feishu、web，几个用空格分开。")


def gateway_title(name: str) -> str:
    return {
        "matrix": _("Matrix"),
        "wecom": _("企业微信"),
        "feishu": _("飞书"),
        "web": _("网页版"),
    }[name]


def gateway_address(name: str) -> str:
    return {
        "matrix": _("Matrix服务器的地址，如 https://matrix.example.cn"),
        "wecom": _("企业微信私有部署（政务微信）的地址，以 wss:// 开头（不是私有部署就按回车）"),
        "feishu": _("飞书私有部署的地址，Lark写 https://open.larksuite.com（都不是就按回车）"),
        "web": _("工作人员打开网页版的地址，如 https://yinlu.example.cn，不带目录"),
    }[name]


def gateway_account(name: str) -> str:
    return {
        "matrix": _("机器人在Matrix的账号，如 @yinlu:example.cn"),
        "wecom": _("企业微信智能机器人的BotID"),
        "feishu": _("飞书应用的App ID（cli_开头）"),
    }[name]


def gateway_secret(name: str) -> str:
    return {
        "matrix": _("这个Matrix账号的密码（输入时不显示）"),
        "wecom": _("企业微信智能机器人长连接的Secret（输入时不显示）"),
        "feishu": _("飞书应用的App Secret（输入时不显示）"),
    }[name]


def not_a_gateway_address(begins: str) -> str:
    return _("地址要以 {begins} 开头。").format(begins=begins)


def not_a_page(begins: str) -> str:
    return _("地址要以 {begins} 开头，后面不带目录。").format(begins=begins)


def not_a_matrix_user() -> str:
    return _("账号是“@名字:服务器”的样子。")


def login_refused(name: str, problem: str) -> str:
    """`problem`: a code."""
    if name == "web":
        return _(
            "这个地址打开的不是这里的网页版（{problem}）。请核对地址、代理和YINLU_WEB_PORT，再写一次。"
        ).format(problem=problem)
    return _("{messenger}不认这个账号或者密钥（{problem}）。请核对，再写一次。").format(
        messenger=gateway_title(name), problem=problem
    )


def standing_login_refused(name: str, file: Path) -> str:
    if name == "web":
        return _("{file} 里网页版的地址，打开的不是这里。请核对地址和代理。").format(file=file)
    return _("{file} 里{messenger}的账号或者密钥，{messenger}不认。请在文件里改好。").format(
        file=file, messenger=gateway_title(name)
    )


def signed_in(name: str) -> str:
    return _("{messenger}接通了。").format(messenger=gateway_title(name))


def feishu_next() -> str:
    return _(
        "飞书还要一步，做过了就不用：网关运行着的时候，在开放平台的“事件与回调”里，"
        "事件配置和回调配置都选长连接；事件加上 im.message.receive_v1 和 "
        "im.chat.access_event.bot_p2p_chat_entered_v1，回调加上 card.action.trigger；"
        "再发布一个版本。"
    )


def gateway_not_reached(name: str) -> str:
    if name == "web":
        return _(
            "从网页版的地址现在到不了这里。先记下；请把单位的HTTPS代理转到这台机器的网页版端口，"
            "再运行一次就会核对。"
        )
    return _(
        "现在连不上{messenger}。先记下，账号和密钥还没有核对；连上以后再运行一次就会核对。"
    ).format(messenger=gateway_title(name))


def not_an_address() -> str:
    return _("地址要以 http:// 或 https:// 开头。")


def not_a_token() -> str:
    return _("令牌是“数字:字母数字”的样子，整条复制过来。")


def same_token() -> str:
    return _("两个机器人要用两个令牌：反映问题的人不能和工作人员在同一个机器人里。")


def token_refused() -> str:
    return _("消息服务不认这个令牌。请到BotFather里看一看，再写一次。")


def standing_token_refused(file: Path) -> str:
    return _("{file} 里的令牌，消息服务不认。请在文件里改好。").format(file=file)


def reached(name: str) -> str:
    return _("接通了：@{name}").format(name=name)


def not_reached(api: str) -> str:
    return _("现在连不上 {api}。先记下，令牌还没有核对；连上以后再运行一次就会核对。").format(
        api=api
    )


def database() -> str:
    return _(
        "数据存在哪里：本机的文件，或者写PostgreSQL的地址 postgresql+asyncpg://用户:密码@主机/库"
    )


def here() -> str:
    return _("本机")


def intake_database() -> str:
    return _("反映的问题另存一个库，写它的地址")


def not_a_database() -> str:
    return _("地址要以 postgresql+asyncpg:// 开头。")


def same_database() -> str:
    return _("反映的问题要另存一个库，不能和办理的记录同一个。")


def database_not_reached(kind: str) -> str:
    return _("这个库连不上（{kind}）。请核对地址、用户、密码，再写一次。").format(kind=kind)


def unwritable() -> str:
    return _(
        "这里写不下引号和反斜杠。在地址里请写成百分号的样子，如 %27；密码里有的，请换一个密码。"
    )


def port() -> str:
    return _("网页反映在本机哪个端口（0：不开网页）")


def not_a_port() -> str:
    return _("端口是0到65535的数。")


def page() -> str:
    return _("群众打开网页用的网址，如 https://fy.example.cn（还没有就按回车）")


def peers() -> str:
    return _(
        "和别的城市、上级或下级办公室的引路互通（转接办理中的人、报送数字）时，对方用哪个网址找到这里，"
        "如 https://peers.example.cn（不互通就按回车，以后也能写进设置）"
    )


def peers_port() -> str:
    return _("对方的消息在本机哪个端口接收")


def peers_next(port: str) -> str:
    return _(
        "还要请网页服务器把这个网址的 /peers 转到本机 {port} 端口，再用 yinlu peer card "
        "和对方交换名片。"
    ).format(port=port)


def not_a_secure_address() -> str:
    return _("这个网址要以 https:// 开头：经过它的是整件的材料。没有就按回车。")


def not_an_open_port() -> str:
    return _("端口是1到65535的数。")


def passphrase() -> str:
    return _(
        "给打开反映内容的密钥设一个口令，由组织部保管，哪里都不写下；每次启动工作端以后，用 "
        "yinlu report-keys unlock 打开。不设就按回车，那样能进这台机器的人就能打开（输入时不显示）"
    )


def once_more() -> str:
    return _("再写一遍")


def passphrases_differ() -> str:
    return _("两遍不一样，请重新写。")


def short_passphrase(least: int) -> str:
    return _("口令至少{least}个字符。").format(least=least)


def no_page_address(file: Path) -> str:
    return _(
        "网页还没有群众能打开的网址，机器人和公示就不提网页。"
        "有了网址，再运行一次，或者写进 {file} 的 YINLU_PUBLIC_URL。"
    ).format(file=file)


def department() -> str:
    return _("组织部的全称，如 白桦市委组织部")


def director() -> str:
    return _("部长的姓名，第一个受邀请的人")


def needed() -> str:
    return _("这一项要写。")


def link(bot: str, token: str, opens_links: bool) -> str:
    """`bot`: its name, "" where it isn't known yet."""
    if bot and opens_links:
        return page_link(f"https://t.me/{bot}?start={token}")
    return _(
        "给部长的邀请，七天内有效，只能用一次：打开工作人员的机器人，发送“加入 {token}”"
    ).format(token=token)


def page_link(address: str) -> str:
    return _("给部长的邀请，七天内有效，只能用一次：{address}").format(address=address)


def joined() -> str:
    return _("部长已经加入，邀请用过了。")


def founded_otherwise() -> str:
    return _("这个库里已经有组织，没有再建。")


def key_differs(name: str, file: Path) -> str:
    return _("{file} 和工作端的 {name} 不一样。请核对是不是换过密钥，再把新的复制过去。").format(
        name=name, file=file
    )


def units(paths: Sequence[Path], of_the_system: bool) -> str:
    command = "systemctl" if of_the_system else "systemctl --user"
    names = " ".join(path.stem for path in paths)
    files = " ".join(map(str, paths))
    return "\n".join(
        (
            _("启动："),
            f"  {command} link {files}",
            f"  {command} enable --now {names}",
        )
    )


def keys(data: Path) -> str:
    return _(
        "密钥在 {data}。请现在另存一份，和备份分开放：丢了密钥，库里的姓名和记录谁也打不开。"
    ).format(data=data)


def out_of_reach(program: Path) -> str:
    return _(
        "{program} 机器人的用户启动不了。请把程序装到谁都读得到的地方，如 /opt/yinlu"
        "（不能在 /root、/home、/tmp 里，Python 也是），在那里再运行一次。"
    ).format(program=program)


def remains() -> str:
    return _("还要办的：")


def nothing_remains() -> str:
    return _("都好了。以后随时可以检查：")


def look_again() -> str:
    return _("办好以后检查：")
