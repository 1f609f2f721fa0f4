"""
statsmodels computes what the forecast models of the template computed: for each series and origin, with the parameters that
were chosen there, the forecasts, the sum of squared errors and the forecast variances; and whether other parameters of the grid
are better. The first states follow the rule the model names. Usage: reference.py < in.json > out.json
"""
import itertools
import json
import sys
import warnings

import numpy as np
import pandas as pd
from statsmodels.tsa.exponential_smoothing.ets import ETSModel

warnings.filterwarnings("ignore")
ALPHA, GAMMA, TREND = [0.02, 0.1, 0.25, 0.6], [0.05, 0.2], [(0.0, 0.9), (0.1, 0.9), (0.02, 1.0)]


def start(y, m):
    one, two = y[:m], y[m : 2 * m]
    trend = (two.mean() - one.mean()) / m
    middle = (m + 1) / 2
    level = one.mean() - trend * middle
    line = level + trend * np.arange(1, 2 * m + 1)
    return level, trend, (y[: 2 * m] - line).reshape(2, m).mean(axis=0)


def smooth(y, m, alpha, beta, gamma, phi):
    level, trend, seasonal = start(y, m)
    model = ETSModel(
        pd.Series(y), error="add", trend="add", damped_trend=phi < 1, seasonal="add", seasonal_periods=m,
        initialization_method="known", initial_level=level, initial_trend=trend, initial_seasonal=seasonal,
    )
    return model.smooth([alpha, beta, gamma] + ([phi] if phi < 1 else []))


def fit(y, m, horizon, parameters):
    result = smooth(y, m, *parameters)
    n = len(y)
    # statsmodels divides by the number of observations.
    variance = result.get_prediction(start=n, end=n + horizon - 1).forecast_variance / result.scale
    return {"value": list(result.forecast(horizon)), "sse": result.sse, "variance": list(variance)}


def least(y, m):
    grid = [(a, a * b, g, phi) for a, g, (b, phi) in itertools.product(ALPHA, GAMMA, TREND)]
    return min(smooth(y, m, *p).sse for p in grid)


def measures(y, fits, horizon, values, m):
    errors, actuals, scaled = [], [], []
    for one, value in zip(fits, values):
        n = one["known"]
        if n == len(y):
            continue
        actual = y[n : n + horizon]
        errors.append(np.array(value) - actual)
        actuals.append(actual)
        scaled.append(np.abs(errors[-1]) / np.abs(y[m:n] - y[: n - m]).mean())
    total = np.abs(actuals).sum()
    return {"wape": np.abs(errors).sum() / total, "mase": np.mean(scaled), "bias": np.sum(errors) / total}


def answer(series):
    y, m, horizon = np.array(series["y"], dtype=float), series["season"], series["horizon"]
    fits = [fit(y[: one["known"]], m, horizon, one["parameters"]) for one in series["fits"]]
    repeated = [np.resize(y[one["known"] - m : one["known"]], horizon) for one in series["fits"]]
    return {
        "fits": fits,
        "least": least(y, m),
        "holt_winters": measures(y, series["fits"], horizon, [one["value"] for one in fits], m),
        "seasonal_naive": measures(y, series["fits"], horizon, repeated, m),
    }


json.dump([answer(series) for series in json.load(sys.stdin)], sys.stdout)
