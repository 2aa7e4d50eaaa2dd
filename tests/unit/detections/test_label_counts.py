from badc.detections import Detection, label_counts


def test_labels_are_counted_as_tables_call_them_the_most_frequent_first():
    heard = [
        Detection(label="OVEN"),
        Detection(label_code="COYE", label_name="Common Yellowthroat"),
        Detection(label_name="Common Yellowthroat"),
        Detection(label="COYE"),
        Detection(),
    ]
    counts = label_counts(heard)
    assert counts == {"COYE": 2, "OVEN": 1, "Common Yellowthroat": 1, "unknown": 1}
    assert next(iter(counts)) == "COYE"


def test_a_runner_that_invents_labels_does_not_fill_the_log():
    assert len(label_counts(Detection(label=str(n)) for n in range(10_000))) <= 50
