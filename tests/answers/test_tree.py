"""Folders as they come: one bad file never costs the others."""

from __future__ import annotations

from pathlib import Path

from bot.answers.tree import LARGEST_FILE, TreeFile, TreeProblem, read_variables, walk_tree


def write(folder: Path, name: str, text: str | bytes = "# x\n") -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def paths(folder: Path) -> list[str]:
    return [item.path for item in walk_tree(folder) if isinstance(item, TreeFile)]


def problems(folder: Path) -> list[str]:
    return [str(item) for item in walk_tree(folder) if isinstance(item, TreeProblem)]


def test_language_folders_are_roots(tmp_path: Path) -> None:
    write(tmp_path, "en/a/b.md")
    write(tmp_path, "ja/a/b.md")
    found = [item for item in walk_tree(tmp_path) if isinstance(item, TreeFile)]
    assert [(one.language, one.path) for one in found] == [("en", "a/b.md"), ("ja", "a/b.md")]


def test_without_language_folders_the_script_tells(tmp_path: Path) -> None:
    write(tmp_path, "a.md", "# クラスタの削除\n")
    (item,) = walk_tree(tmp_path)
    assert isinstance(item, TreeFile)
    assert item.language == "ja"


def test_a_file_that_is_not_utf8_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    write(tmp_path, "bad.md", b"# caf\xe9\n")
    write(tmp_path, "good.md")
    assert paths(tmp_path) == ["good.md"]
    assert problems(tmp_path) == ["bad.md: is not UTF-8 (byte 5): save it as UTF-8"]


def test_a_huge_file_is_named(tmp_path: Path) -> None:
    write(tmp_path, "huge.md", b"x" * (LARGEST_FILE + 1))
    assert "split pages above 5,000,000" in problems(tmp_path)[0]


def test_a_link_in_a_circle_ends(tmp_path: Path) -> None:
    write(tmp_path, "a/b.md")
    (tmp_path / "a" / "again").symlink_to(tmp_path, target_is_directory=True)
    assert paths(tmp_path) == ["a/b.md"]
    assert any("circle" in problem for problem in problems(tmp_path))


def test_links_that_leave_the_folder_are_not_followed(tmp_path: Path) -> None:
    outside = write(tmp_path, "outside/secret.md")
    inside = tmp_path / "inside"
    write(inside, "a.md")
    (inside / "file.md").symlink_to(outside)
    (inside / "folder").symlink_to(outside.parent, target_is_directory=True)
    assert paths(inside) == ["a.md"]
    assert len(problems(inside)) == 2


def test_a_folder_without_markdown_says_so(tmp_path: Path) -> None:
    assert "holds no Markdown" in problems(tmp_path)[0]
    assert "is not a folder" in problems(tmp_path / "missing")[0]


def test_tables_of_contents_are_left_out(tmp_path: Path) -> None:
    write(tmp_path, "TOC.md")
    write(tmp_path, "a.md")
    assert paths(tmp_path) == ["a.md"]


def test_nested_variables_are_joined_by_dots(tmp_path: Path) -> None:
    write(tmp_path, "variables.json", '{"plan": {"free": "Starter"}, "x": "y"}')
    assert read_variables(tmp_path) == {"plan.free": "Starter", "x": "y"}
