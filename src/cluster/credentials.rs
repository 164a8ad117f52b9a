//! Who we are to an API server: a kubeconfig user, reduced to what can be sent as it is.
//!
//! The rules are client-go's (tools/clientcmd/client_config.go, transport). Where kube's differ, the result is a
//! user that leaves it no choice: files are read, plugins have run, empty texts are gone.

use std::path::Path;

use base64::Engine as _;
use http::HeaderValue;
use kube::config::{AuthInfo, Cluster, ExecAuthCluster, ExecConfig};
use secrecy::{ExposeSecret, SecretString};

use super::plugin::{Credential, PluginError, Plugins};
use crate::files;

/// Why a user of the kubeconfig cannot be used. Never quotes a credential.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// Its plugin gave nothing.
    #[error(transparent)]
    Plugin(#[from] PluginError),
    /// The file of its token cannot be read.
    #[error("the token file `{file}` cannot be read: {reason}")]
    TokenFile {
        /// The file, as an absolute path.
        file: String,
        /// The system's word for it.
        reason: String,
    },
    /// Its token has a character that no HTTP header can carry.
    #[error("the token of the user holds a character that cannot be sent, such as a line break in its middle")]
    Token,
    /// It has a password and a token, and the server would see only one of them.
    #[error("the user has both a token and a password; only one of them can be sent")]
    Both,
    /// It uses a login that kubectl dropped.
    #[error("the user logs in by auth-provider `{0}`, which kubectl no longer supports")]
    Provider(String),
    /// Its identity token is not there, and getting one is left to kubectl.
    #[error("the user logs in by auth-provider `oidc`, and its entry has no `id-token`{}", if *.can_be_refreshed { "; its `refresh-token` is for kubectl to use" } else { "" })]
    NoIdToken {
        /// Whether kubectl can get one without asking anybody.
        can_be_refreshed: bool,
    },
    /// The cluster's description for the plugin cannot be made.
    #[error("the cluster cannot be described to its credential plugin: {0}")]
    ClusterInfo(String),
}

/// `user` as it can be sent to a server that is asked by https: plugins run, files of tokens read.
///
/// # Errors
/// When a credential that is configured cannot be had.
pub async fn resolve(user: &AuthInfo, cluster: &Cluster, plugins: &Plugins) -> Result<AuthInfo, CredentialError> {
    let mut ready = without_credentials(user);
    ready.username = filled(user.username.clone());
    ready.password = user.password.clone().filter(|password| !password.expose_secret().is_empty());
    if ready.username.is_some() || ready.password.is_some() {
        // kube sends a password only with a name, client-go either alone.
        ready.username.get_or_insert_default();
        ready.password.get_or_insert_with(|| SecretString::from(""));
    }
    ready.client_certificate = filled(user.client_certificate.clone());
    ready.client_certificate_data = filled(user.client_certificate_data.clone());
    ready.client_key = filled(user.client_key.clone());
    ready.client_key_data = user.client_key_data.clone().filter(|key| !key.expose_secret().is_empty());
    ready.token = own_token(user).await?;
    if let Some(exec) = &user.exec {
        let info = info_for(exec, cluster)?;
        take(plugins.credential(exec, info.as_ref()).await?, &mut ready);
    }
    ready.token = ready.token.as_ref().and_then(trimmed);
    match &ready.token {
        Some(_) if ready.password.is_some() => Err(CredentialError::Both),
        Some(token) if HeaderValue::from_str(token.expose_secret()).is_err() => Err(CredentialError::Token),
        _ => Ok(ready),
    }
}

/// The part of `user` that holds no credential: whom to act as. All that is sent by plain http, as in client-go.
pub fn without_credentials(user: &AuthInfo) -> AuthInfo {
    AuthInfo {
        impersonate: filled(user.impersonate.clone()),
        impersonate_uid: filled(user.impersonate_uid.clone()),
        impersonate_groups: user.impersonate_groups.clone(),
        impersonate_user_extra: user.impersonate_user_extra.clone(),
        ..AuthInfo::default()
    }
}

/// The user's own token: of its file, else of its entry, else of the one `auth-provider` that is left.
async fn own_token(user: &AuthInfo) -> Result<Option<SecretString>, CredentialError> {
    let inline = user.token.as_ref().and_then(trimmed);
    if let Some(file) = filled(user.token_file.clone()) {
        return match (read(file.clone()).await, inline) {
            (Ok(token), _) => Ok(Some(token.into())),
            // The last token that was seen, in client-go's eyes.
            (Err(_), Some(inline)) => Ok(Some(inline)),
            (Err(error), None) => Err(CredentialError::TokenFile { file, reason: error.to_string() }),
        };
    }
    match &user.auth_provider {
        Some(provider) if inline.is_none() && provider.name == "oidc" => {
            let entry = |key: &str| provider.config.get(key).filter(|text| !text.is_empty());
            match entry("id-token") {
                Some(token) => Ok(Some(token.clone().into())),
                None => Err(CredentialError::NoIdToken { can_be_refreshed: entry("refresh-token").is_some() }),
            }
        }
        Some(provider) if inline.is_none() => Err(CredentialError::Provider(provider.name.clone())),
        _ => Ok(inline),
    }
}

/// Off the runtime's threads: the file may lie on a disk that does not answer.
async fn read(file: String) -> std::io::Result<String> {
    let read = move || {
        let bytes = files::bytes(Path::new(&file), files::LARGEST)?;
        String::from_utf8(bytes).map_err(std::io::Error::other)
    };
    tokio::task::spawn_blocking(read).await.map_err(std::io::Error::other)?
}

/// A plugin's token is sent only when the user has none; its certificate replaces the user's.
fn take(credential: Credential, ready: &mut AuthInfo) {
    let base64 = |pem: &str| base64::engine::general_purpose::STANDARD.encode(pem);
    if ready.token.is_none() {
        ready.token = credential.token;
    }
    if let (Some(certificate), Some(key)) = (credential.client_certificate_data, credential.client_key_data) {
        ready.client_certificate_data = Some(base64(&certificate));
        ready.client_key_data = Some(base64(key.expose_secret()).into());
    }
}

/// What a plugin is told of its cluster; nothing unless it asks for that.
pub(super) fn info_for(exec: &ExecConfig, cluster: &Cluster) -> Result<Option<ExecAuthCluster>, CredentialError> {
    let info = exec.provide_cluster_info.then(|| ExecAuthCluster::try_from(cluster));
    info.transpose().map_err(|error| CredentialError::ClusterInfo(error.to_string()))
}

fn trimmed(token: &SecretString) -> Option<SecretString> {
    Some(token.expose_secret().trim()).filter(|token| !token.is_empty()).map(SecretString::from)
}

fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn resolved(user: AuthInfo) -> Result<AuthInfo, CredentialError> {
        resolve(&user, &Cluster::default(), &Plugins::default()).await
    }

    fn token_of(user: &AuthInfo) -> Option<&str> {
        user.token.as_ref().map(ExposeSecret::expose_secret)
    }

    #[tokio::test]
    async fn a_token_file_is_trimmed_and_outranks_the_inline_token() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        std::fs::write(&file, "from-file\n").unwrap();
        let user = AuthInfo {
            token: Some("inline".into()),
            token_file: Some(file.display().to_string()),
            ..AuthInfo::default()
        };
        assert_eq!(token_of(&resolved(user.clone()).await.unwrap()), Some("from-file"));
        std::fs::remove_file(&file).unwrap();
        assert_eq!(token_of(&resolved(user.clone()).await.unwrap()), Some("inline"));
        let error = resolved(AuthInfo { token: None, ..user }).await.unwrap_err();
        assert!(error.to_string().contains(&file.display().to_string()), "{error}");
    }

    #[tokio::test]
    async fn empty_texts_count_as_absent() {
        let user = AuthInfo {
            token: Some(" \n".into()),
            username: Some(String::new()),
            password: Some("".into()),
            client_certificate: Some(String::new()),
            client_key_data: Some("".into()),
            ..AuthInfo::default()
        };
        let ready = resolved(user).await.unwrap();
        assert!(ready.token.is_none() && ready.username.is_none() && ready.password.is_none());
        assert!(ready.client_certificate.is_none() && ready.client_key_data.is_none());
    }

    #[tokio::test]
    async fn a_token_that_no_header_can_carry_is_refused_unquoted() {
        let error = resolved(AuthInfo { token: Some("hun\nter2".into()), ..AuthInfo::default() }).await.unwrap_err();
        assert_eq!(error, CredentialError::Token);
    }

    #[tokio::test]
    async fn dropped_login_providers_are_named() {
        let provider = |name: &str, config: &[(&str, &str)]| AuthInfo {
            auth_provider: Some(kube::config::AuthProviderConfig {
                name: name.to_owned(),
                config: config.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
                ..Default::default()
            }),
            ..AuthInfo::default()
        };
        assert_eq!(resolved(provider("azure", &[])).await.unwrap_err(), CredentialError::Provider("azure".to_owned()));
        let ready = resolved(provider("oidc", &[("id-token", "abc")])).await.unwrap();
        assert_eq!(token_of(&ready), Some("abc"));
        for (config, can_be_refreshed) in [(&[("refresh-token", "hunter2")][..], true), (&[("id-token", "")], false)] {
            let error = resolved(provider("oidc", config)).await.unwrap_err();
            assert_eq!(error, CredentialError::NoIdToken { can_be_refreshed });
            assert!(
                error
                    .to_string()
                    .starts_with("the user logs in by auth-provider `oidc`, and its entry has no `id-token`")
            );
        }
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_plugins_token_and_certificate_become_the_users() {
        let printed = r#"{"apiVersion":"client.authentication.k8s.io/v1beta1","status":{"token":"t\n","clientCertificateData":"CERT","clientKeyData":"KEY"}}"#;
        let exec = kube::config::ExecConfig {
            api_version: Some("client.authentication.k8s.io/v1beta1".to_owned()),
            command: Some("echo".to_owned()),
            args: Some(vec![printed.to_owned()]),
            ..Default::default()
        };
        let ready = resolved(AuthInfo { exec: Some(exec), ..AuthInfo::default() }).await.unwrap();
        assert_eq!(token_of(&ready), Some("t"));
        assert_eq!(ready.client_certificate_data.as_deref(), Some("Q0VSVA=="));
        assert!(ready.exec.is_none(), "kube must not run it again");
    }

    #[tokio::test]
    async fn nothing_secret_is_left_for_plain_http() {
        let user = AuthInfo {
            token: Some("hunter2".into()),
            username: Some("me".to_owned()),
            impersonate: Some("ci".to_owned()),
            ..AuthInfo::default()
        };
        let sent = without_credentials(&user);
        assert!(sent.token.is_none() && sent.username.is_none());
        assert_eq!(sent.impersonate.as_deref(), Some("ci"));
    }
}
