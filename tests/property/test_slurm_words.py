"""Whatever the words are, bash is given them intact."""

import os
import subprocess
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from badc.slurm import ArrayJob, ArrayTask, array_script

# What an argument can hold: any character but NUL, and bytes that are no UTF-8 (as Python has them)
WORDS = st.lists(
    st.text(
        st.one_of(
            st.sampled_from("'\"$`\\!#&|;<>(){}[]*?~ \t\n\r\x1b=-\u2019\udc80\udcff"),
            st.characters(exclude_characters="\0", exclude_categories=["Cs"]),
        )
    ),
    max_size=5,
)
NAMES = st.text(
    st.characters(exclude_characters="\0/", exclude_categories=["Cs"]), min_size=1, max_size=30
).filter(lambda name: name not in (".", ".."))


@settings(max_examples=60)
@given(words=WORDS, name=NAMES)
def test_the_words_of_a_task_reach_its_command_intact(words, name):
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        dataset = place / name
        dataset.mkdir()
        program = place / "bin" / "badc"
        program.parent.mkdir()
        program.write_text('#!/bin/bash\nprintf "%s\\0" "$@" > "$WORDS"\n')
        program.chmod(0o755)
        task = ArrayTask(
            recording_id=name,
            command=("badc", "infer", *words),
            manifest=Path(name),
            output_dir=dataset / "out" / name,
            telemetry_log=dataset / f"{name}.jsonl",
            summary=dataset / "none",
        )
        script = place / "script.sh"
        script.write_text(array_script(ArrayJob(), [task, task], dataset=dataset))
        subprocess.run(["bash", "-n", script], check=True)
        assert b"\r" not in script.read_bytes()
        subprocess.run(
            ["bash", script, "1"],
            env={
                "PATH": f"{program.parent}:/usr/bin:/bin",
                "TMPDIR": folder,
                "WORDS": str(place / "words"),
            },
            check=True,
            capture_output=True,
        )
        given_words = (place / "words").read_bytes().split(b"\0")[:-1]
    log = dataset / f"{name}.jsonl"
    asked = ["infer", *words, "--output-dir", dataset / "out" / name, "--telemetry-log", log]
    assert given_words == [os.fsencode(word) for word in asked]
