"""The process that sets papers: a question in JSON comes in, an answer in JSON goes out."""

import json
import sys
from base64 import b64encode
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import typst

TEMPLATES = Path(__file__).parents[1] / "templates"
PREFERRED: Mapping[str, Sequence[str]] = {
    "body": ("FangSong_GB2312", "仿宋_GB2312", "FangSong", "仿宋", "FandolFang R", "FandolFang"),
    "heading": ("SimHei", "黑体", "FandolHei"),
    "title": ("FZXiaoBiaoSong-B05S", "方正小标宋简体", "FandolSong"),
}
"""By purpose, the best first: what official papers are set in, then free fonts like it."""
BEHIND: Mapping[str, Sequence[str]] = {
    "body": ("Noto Serif CJK SC", "Source Han Serif SC", "SimSun", "宋体", "Noto Sans CJK SC"),
    "heading": ("Noto Sans CJK SC", "Source Han Sans SC", "Noto Serif CJK SC", "SimSun"),
    "title": ("Noto Serif CJK SC", "Source Han Serif SC", "SimSun", "宋体", "Noto Sans CJK SC"),
}
"""Behind those, for the rare characters of names, and where there are none of those."""


def chosen(known: Collection[str]) -> dict[str, list[str]]:
    """What there is for each purpose; empty without any Chinese font."""
    found = {
        purpose: [name for name in (*PREFERRED[purpose], *BEHIND[purpose]) if name in known]
        for purpose in PREFERRED
    }
    some = next((names for names in found.values() if names), [])
    return {purpose: names or some for purpose, names in found.items()} if some else {}


def answer(question: Mapping[str, Any]) -> dict[str, Any]:
    """Set every job of a question; `error` is `fonts` where there is no Chinese font."""
    paths = [question["fonts"]] if question["fonts"] else []
    fonts = chosen(typst.Fonts(include_embedded_fonts=False, font_paths=paths).families())
    if not fonts:
        return {"error": "fonts"}
    compiler = typst.Compiler(root=str(TEMPLATES), font_paths=paths, sys_inputs={"data": "{}"})
    files = []
    for job in question["jobs"]:
        data = json.dumps({**job["data"], "fonts": fonts})
        source = str(TEMPLATES / f"{job['template']}.typ")
        made = compiler.compile(source, format=job["kind"], ppi=110.0, sys_inputs={"data": data})
        assert isinstance(made, bytes), "one file a job: a PDF, or a picture of one page"
        files.append(b64encode(made).decode())
    return {"files": files, "fonts": fonts}


def reply(question: bytes) -> str:
    try:
        said = answer(json.loads(question))
    except Exception as error:
        # Its kind alone: its words may quote what stands on the paper.
        said = {"error": type(error).__name__}
    return json.dumps(said)


def main() -> None:
    sys.stdout.write(reply(sys.stdin.buffer.read()))


if __name__ == "__main__":
    main()
