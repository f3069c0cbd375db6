"""Small stand-ins for the modules that evaluators written for other systems import, so that these run as they are.

Our own, made from what such evaluators use: openevolve.evaluation_result.EvaluationResult, also under the name that
SkyDiscover has for it, and shinka.core.run_shinka_eval. A module that is installed is never replaced.
"""

import importlib.util
import json
import math
import os
import sys
import time
import types


class EvaluationResult:
    """Metrics, and artifacts that say more: text or bytes by name."""

    def __init__(self, metrics, artifacts=None):
        self.metrics = metrics
        self.artifacts = {} if artifacts is None else artifacts

    @classmethod
    def from_dict(cls, metrics):
        return cls(metrics)

    def to_dict(self):
        return self.metrics

    def has_artifacts(self):
        return bool(self.artifacts)

    def get_artifact_keys(self):
        return list(self.artifacts)

    def get_artifact_size(self, key):
        value = self.artifacts.get(key, "")
        return len(value if isinstance(value, bytes) else str(value).encode())

    def get_total_artifact_size(self):
        return sum(map(self.get_artifact_size, self.artifacts))


def load_program(program_path):
    specification = importlib.util.spec_from_file_location("program", program_path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def save_json_results(results_dir, metrics, correct, error=None, verbose=True):
    os.makedirs(results_dir, exist_ok=True)
    for name, content in (("correct.json", {"correct": correct, "error": error}), ("metrics.json", metrics)):
        with open(os.path.join(results_dir, name), "w", encoding="utf-8") as file:
            json.dump(content, file, default=_plain)


def _plain(value):
    return value.item() if hasattr(value, "item") and getattr(value, "size", 1) == 1 else str(value)


def run_shinka_eval(program_path, results_dir, experiment_fn_name, num_runs, get_experiment_kwargs=None,
                    aggregate_metrics_fn=None, validate_fn=None, plotting_fn=None, default_metrics_on_error=None,
                    **unused):
    """Calls the program's function `num_runs` times, has each result checked, and all of them summed up.

    Stopping early, running in parallel and plots are left out: they change no score.
    """
    errors, times, results = [], [], []
    valid = 0
    try:
        function = getattr(load_program(program_path), experiment_fn_name)
        for run in range(num_runs):
            arguments = get_experiment_kwargs(run) if get_experiment_kwargs else {"seed": run + 1}
            begun = time.perf_counter()
            results.append(function(**arguments))
            times.append(time.perf_counter() - begun)
            good, why = validate_fn(results[-1]) if validate_fn else (True, None)
            valid += bool(good)
            if not good:
                errors.append(f"Validation failed: {why}")
        metrics = dict(aggregate_metrics_fn(results)) if aggregate_metrics_fn else {"num_successful_runs": len(results)}
    except Exception as exception:
        errors.append(f"{type(exception).__name__}: {exception}")
        metrics = dict(default_metrics_on_error or {"combined_score": 0.0})
    score = metrics.get("combined_score")
    if isinstance(score, float) and not math.isfinite(score):
        errors.append(f"combined_score is {score}")
    mean = sum(times) / len(times) if times else 0.0
    metrics.setdefault("execution_time_mean", mean)
    metrics.setdefault("num_valid_runs", valid)
    metrics.setdefault("num_invalid_runs", len(results) - valid)
    error = errors[0] if errors else None
    save_json_results(results_dir, metrics, not errors, error)
    return metrics, not errors, error


def _module(name, **contents):
    module = types.ModuleType(name)
    module.__path__ = []
    module.__dict__.update(contents)
    sys.modules[name] = module
    parent, _, last = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], last, module)


def _missing(name):
    return name not in sys.modules and importlib.util.find_spec(name) is None


for _package in ("openevolve", "skydiscover"):
    if _missing(_package):
        _module(_package)
        _module(f"{_package}.evaluation_result", EvaluationResult=EvaluationResult)
if _missing("shinka"):
    _evaluation = {"run_shinka_eval": run_shinka_eval, "save_json_results": save_json_results,
                   "load_program": load_program}
    _module("shinka")
    _module("shinka.core", **_evaluation)
    _module("shinka.core.wrap_eval", **_evaluation)
