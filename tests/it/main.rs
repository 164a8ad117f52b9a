mod fake_api;
mod gather;
mod kubeconfig;
