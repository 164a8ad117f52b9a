//! How one chart, in one version, wants the release written.
