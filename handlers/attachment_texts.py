"""Why a file wasn't taken, and what would work instead: for citizens and staff alike."""

from typing import Protocol

from services.core.i18n import gettext as _


class Sent(Protocol):
    """A message, of either library."""

    @property
    def voice(self) -> object: ...
    @property
    def audio(self) -> object: ...
    @property
    def video(self) -> object: ...
    @property
    def video_note(self) -> object: ...
    @property
    def animation(self) -> object: ...


def recording_in(message: Sent) -> str:
    """The reason why what a message brings isn't taken; "" for what is no recording. It needn't be
    downloaded for that. Ask this first: a moving picture comes as a document as well."""
    if message.voice or message.audio:
        return "audio"
    if message.video or message.video_note:
        return "video"
    return "moving" if message.animation else ""


def refused(reason: str) -> str:
    """`reason`: of `services.attachments.errors.REASONS`."""
    said = {
        "empty": _("文件是空的，没有收。请再选一次，或者拍成照片再发。"),
        "too_big": _("文件太大，没有收。请发20 MB以内的；是录像，请截图再发。"),
        "too_many_pixels": _("图片太大，没有收。请在手机上打开它，截屏再发。"),
        "too_long": _("长图太长，没有收。请分成几张截，一张一张发。"),
        "too_many_pages": _("页数太多，没有收。请只发要紧的50页以内。"),
        "too_hard": _("文件太复杂，没有收。请把要紧的几页拍成照片再发。"),
        "scanned_jbig2": _(
            "PDF里的扫描图是JBIG2格式，没有收。请把要紧的几页拍成照片或截图再发，或者扫描时选JPEG。"
        ),
        "encrypted": _("文件加了密码，打不开，没有收。请去掉密码，或者拍成照片。"),
        "not_readable": _("文件打不开，没有收。请拍成照片再发。"),
        "heic": _(
            "这张HEIC照片打不开，没有收。请在相册里打开它，截屏再发。重拍的话，"
            "苹果手机在“设置-相机-格式”里选“兼容性最佳”，安卓手机在相机设置里关掉“高效格式”。"
        ),
        "raw_photo": _("这是相机的RAW原片，没有收。请在相册里打开它，截屏再发，或者导出成JPEG。"),
        "moving": _("动图没有收。请停在要紧的地方，截屏再发。"),
        "audio": _("录音没有收。请把听到的写成文字：谁说的，说了什么。"),
        "other_recording": _("这种录音没有收。请在聊天里按住话筒说，直接发语音。"),
        "video": _("视频没有收。请在要紧的地方暂停，截屏再发。"),
        "old_word": _(
            "旧版Word（doc）文件没有收。请用WPS或Word打开，另存为docx或输出为PDF再发，"
            "或者拍成照片。"
        ),
        "wps": _("WPS文件没有收。请用WPS打开，输出为PDF再发，或者拍成照片。"),
        "rtf": _("RTF文件没有收。请用WPS或Word打开，另存为docx再发，或者拍成照片。"),
        "open_document": _("ODF文件没有收。请输出为PDF再发，或者拍成照片。"),
        "ofd": _("OFD文件没有收。请打印成PDF，或者截图再发。"),
        "sheet": _("表格文件没有收。请把要紧的几页打印成PDF，或者截图再发。"),
        "slides": _("幻灯片没有收。请把要紧的几页输出为PDF，或者截图再发。"),
        "packed": _("压缩包没有收。请先解开，把里面的照片、PDF或Word文件一份一份发。"),
        "plain_text": _("文本文件没有收。请发照片、PDF或Word（docx）文件；要紧的话可以截图再发。"),
        "unknown_kind": _("这种文件没有收。请发照片、PDF或Word（docx）文件。"),
    }
    return said[reason]
