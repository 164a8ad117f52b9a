//! The functions of PromQL: what they take and what they give (prometheus/prometheus 0.309, promql/parser/functions.go).

use super::types::Type::{self, Range, Scalar, Text, Vector};

/// A function.
#[derive(Debug, Clone, Copy)]
pub(super) struct Function {
    pub(super) takes: &'static [Type],
    pub(super) optional: Optional,
    pub(super) gives: Type,
}

/// How many of the last argument there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Optional {
    /// One.
    No,
    /// None or one.
    Last,
    /// None or many.
    Many,
}

/// What no ruler knows unless Prometheus' experimental functions are switched on, which Thanos cannot.
pub(super) const EXPERIMENTAL: [&str; 10] = [
    "double_exponential_smoothing",
    "first_over_time",
    "info",
    "mad_over_time",
    "sort_by_label",
    "sort_by_label_desc",
    "ts_of_first_over_time",
    "ts_of_last_over_time",
    "ts_of_max_over_time",
    "ts_of_min_over_time",
];

/// The function of this name; `None` when there is none.
pub(super) fn function(name: &str) -> Option<Function> {
    let plain = |takes| Function { takes, optional: Optional::No, gives: Vector };
    let function = match name {
        "abs" | "absent" | "acos" | "acosh" | "asin" | "asinh" | "atan" | "atanh" | "ceil" | "cos" | "cosh" | "deg"
        | "exp" | "floor" | "histogram_avg" | "histogram_count" | "histogram_stddev" | "histogram_stdvar"
        | "histogram_sum" | "ln" | "log10" | "log2" | "rad" | "sgn" | "sin" | "sinh" | "sort" | "sort_desc"
        | "sqrt" | "tan" | "tanh" | "timestamp" => plain(&[Vector]),
        "absent_over_time" | "avg_over_time" | "changes" | "count_over_time" | "delta" | "deriv" | "idelta"
        | "increase" | "irate" | "last_over_time" | "max_over_time" | "min_over_time" | "present_over_time"
        | "rate" | "resets" | "stddev_over_time" | "stdvar_over_time" | "sum_over_time" => plain(&[Range]),
        "clamp" => plain(&[Vector, Scalar, Scalar]),
        "clamp_max" | "clamp_min" => plain(&[Vector, Scalar]),
        "histogram_fraction" => plain(&[Scalar, Scalar, Vector]),
        "histogram_quantile" => plain(&[Scalar, Vector]),
        "label_replace" => plain(&[Vector, Text, Text, Text, Text]),
        "label_join" => Function { optional: Optional::Many, ..plain(&[Vector, Text, Text, Text]) },
        "predict_linear" => plain(&[Range, Scalar]),
        "quantile_over_time" => plain(&[Scalar, Range]),
        "round" => Function { optional: Optional::Last, ..plain(&[Vector, Scalar]) },
        "vector" => plain(&[Scalar]),
        "day_of_month" | "day_of_week" | "day_of_year" | "days_in_month" | "hour" | "minute" | "month" | "year" => {
            Function { optional: Optional::Last, ..plain(&[Vector]) }
        }
        "pi" | "time" => Function { gives: Scalar, ..plain(&[]) },
        "scalar" => Function { gives: Scalar, ..plain(&[Vector]) },
        _ => return None,
    };
    Some(function)
}
