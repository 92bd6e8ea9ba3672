"""The wheel of `make dist`, installed alone: everything that works in a checkout is in it."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path
from urllib.request import urlopen

import pytest

from benchmarks.left_behind import ends_with_us

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.slow]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel, and with what it depends on; no source is in reach."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    found = project["tool"]["setuptools"]["packages"]["find"]["include"]
    for room in (name.rstrip("*") for name in found):
        left_out = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / room, source / room, ignore=left_out)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    build = ["wheel", "--no-deps", "--no-build-isolation", "-w", str(folder), str(source)]
    subprocess.run([*pip, *build], check=True)
    (wheel,) = folder.glob("yinlu-*.whl")
    shutil.rmtree(source)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "env"], check=True)
    (library,) = (folder / "env" / "lib").glob("python3*/site-packages")
    place = ["--python", str(folder / "env" / "bin" / "python")]
    subprocess.run([*pip, *place, "install", "--no-deps", "--no-index", str(wheel)], check=True)
    # A path alone: what is installed for editing there by its own .pth file isn't read.
    (library / "dependencies.pth").write_text(sysconfig.get_path("purelib"), "utf-8")
    return folder / "env" / "bin" / "yinlu"


def environment() -> dict[str, str]:
    """Whatever led a test to the source leads no command there."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("YINLU_", "PYTHONPATH"))}


def test_it_runs_from_any_folder(installed: Path, tmp_path: Path) -> None:
    where = subprocess.run(
        [installed.with_name("python"), "-c", "import bot, domain; print(bot.__file__)"],
        cwd=tmp_path, env=environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert where.stdout.startswith(str(installed.parents[1]))
    with subprocess.Popen(
        [installed, "run", "--port", "0"],
        cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, text=True,
    ) as run:  # fmt: skip
        ends_with_us(run.pid)
        try:
            assert run.stdout is not None
            with urlopen(run.stdout.readline().strip(), timeout=30) as page:
                assert "引路" in page.read().decode()
        finally:
            run.terminate()
        # 1 where a busy machine needs longer than the seconds it is given; never by a signal.
        assert run.wait(60) in (0, 1)


def test_the_page_of_the_web_chat_is_in_it(installed: Path) -> None:
    page = Path("gateway") / "web" / "page"
    (there,) = installed.parents[1].glob(f"lib/python3*/site-packages/{page}")
    assert {path.name for path in there.iterdir()} == {one.name for one in (ROOT / page).iterdir()}


def test_setup_asks_from_any_folder(installed: Path, tmp_path: Path) -> None:
    mine = ["--staff-user", "root", "--public-user", "root"] if os.geteuid() == 0 else []
    place = ["--folder", str(tmp_path / "etc"), "--data", str(tmp_path / "lib" / "yinlu")]
    asked = subprocess.run(
        [installed, "setup", *place, *mine],
        cwd=tmp_path, env=environment(), input="yakeshi\n", capture_output=True, text=True,
    )  # fmt: skip
    assert asked.returncode == 1
    assert "停在这里。答过的都在" in asked.stdout
    assert "YINLU_PROFILE=yakeshi" in (tmp_path / "etc" / "staff.env").read_text("utf-8")
