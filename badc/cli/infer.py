"""``badc infer``: listening, and what is done with what was heard."""

import typer

from badc.cli import aggregate, infer_config, infer_run, infer_verify, monitor, orchestrate

app = typer.Typer(rich_markup_mode=None)
app.command("run")(infer_run.run)
app.command("run-config")(infer_config.run_config)
app.command("verify")(infer_verify.verify)
app.command("aggregate")(aggregate.aggregate)
app.command("monitor")(monitor.monitor)
app.command("orchestrate")(orchestrate.orchestrate)
