//! A chart in a folder.

use std::path::{Path, PathBuf};

use serde_json::Value;

/// Who makes the chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Owner {
    Bitnami,
    Community,
    Stevehipwell,
}

impl Owner {
    /// As `--chart` names it.
    pub(crate) fn chart(self) -> &'static str {
        match self {
            Self::Bitnami => "bitnami/thanos",
            Self::Community => "thanos-community/thanos",
            Self::Stevehipwell => "stevehipwell/thanos",
        }
    }

    /// Charts do not say it in one place, but the repository of their sources tells.
    fn of(metadata: &str) -> Option<Self> {
        [
            (Self::Community, "thanos-community/helm-charts"),
            (Self::Stevehipwell, "stevehipwell"),
            (Self::Bitnami, "bitnami"),
        ]
        .into_iter()
        .find_map(|(owner, mark)| metadata.contains(mark).then_some(owner))
    }

    /// The label by which the replicas of the ruler differ unless somebody says otherwise.
    pub(crate) fn ruler_label(self) -> &'static str {
        match self {
            Self::Bitnami => "replica",
            Self::Community => "ruler_replica",
            Self::Stevehipwell => "rule_replica",
        }
    }

    /// A version of Kubernetes that the chart takes.
    pub(crate) fn kubernetes(self) -> &'static str {
        match self {
            Self::Bitnami => "1.25.0",
            Self::Community | Self::Stevehipwell => "1.30.0",
        }
    }
}

/// A chart that is laid out in a folder.
pub(crate) struct Chart {
    pub folder: PathBuf,
    pub owner: Owner,
    pub version: String,
}

impl Chart {
    /// The charts in `folder`, from old to new.
    pub(crate) fn all(folder: &Path) -> Vec<Self> {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let mut charts: Vec<Self> = entries.filter_map(|entry| Self::read(entry.path())).collect();
        charts.sort_by_key(|chart| (chart.owner, chart.numbers()));
        charts
    }

    fn read(folder: PathBuf) -> Option<Self> {
        let metadata = std::fs::read_to_string(folder.join("Chart.yaml")).ok()?;
        let owner = Owner::of(&metadata)?;
        let read: Value = serde_saphyr::from_str(&metadata).ok()?;
        let version = read["version"].as_str().filter(|_| read["name"] == "thanos")?.to_owned();
        Some(Self { folder, owner, version })
    }

    /// The numbers of its version.
    pub(crate) fn numbers(&self) -> Vec<u32> {
        self.version.split('.').map(|part| part.parse().unwrap_or_default()).collect()
    }

    pub(crate) fn title(&self) -> String {
        format!("{} {}", self.owner.chart(), self.version)
    }
}
