//! The template of values: what is filled in stays one value each, what looks otherwise is a change of the template alone,
//! and a template that says something else is refused.

use super::*;
use crate::template::Template;

/// The text that `templates/values.yaml.j2` makes of a case when `from` in it is `to`.
fn changed(case: &Case, from: &str, to: &str) -> Result<String, String> {
    let source = include_str!("../../../templates/values.yaml.j2");
    assert!(source.contains(from), "{from}");
    let source: &'static str = source.replacen(from, to, 1).leak();
    case.with(|request| {
        let release = Release::of(request)?;
        let layout = parts::fill(&release, case.plan().endpoints(), &[])?.layout;
        let meant = Value::Object(layout.tree());
        Ok(Template::new("values.yaml.j2", source).render(release.record(&layout, Audience::File), &[&meant])?)
    })
    .map_err(|failures: Failures| failures.to_string())
}

#[test]
fn another_order_and_other_words_are_a_change_of_the_template_alone() {
    let case = Case::of(FULL);
    let before = case.render().unwrap().values.text;
    let at = |text: &str, line: &str| text.find(&format!("\n{line}\n")).unwrap_or_else(|| panic!("{line} in\n{text}"));
    let moved = changed(&case, "  query,\n", "  minio,\n  query,\n").unwrap();
    assert!(at(&before, "minio:") > at(&before, "query:") && at(&moved, "minio:") < at(&moved, "query:"), "{moved}");
    let words = changed(&case, "# The rule files.", "# Ours.").unwrap();
    assert_eq!(words, before.replace("# The rule files.", "# Ours."));
    let more = changed(
        &case,
        "{% if key.part.stores %}",
        "{% if key.part.size and key.component.compactor %}\n{{ key.indent }}# Its disk.\n{% elif key.part.stores %}",
    );
    assert_eq!(more.unwrap(), before.replace("    size: \"20Gi\"\n", "    # Its disk.\n    size: \"20Gi\"\n"));
}

#[test]
fn a_template_that_loses_or_changes_something_is_refused() {
    let case = Case::of(FULL);
    for (from, to, said) in [
        ("  minio,\n", "", "`minio.enabled` is missing"),
        ("  minio,\n", "  minoi,\n", "`minoi`; did you mean `minio`?"),
        ("{{ store.address }} #", "{{ store.origin }} #", "`query.stores.0` has another value"),
        ("{% for store in key.stores %}", "{% for store in [] %}", "`query.stores` has another value"),
        ("key.part.buckets", "key.part.bucket", "`bucket`; did you mean `buckets`?"),
        ("{{ key.lines }}", "{{ key.value }}", "it is not set here"),
        ("{{ loop(key.below) -}}", "# nothing", "has another value"),
        ("# thanosctl {{", "a: {{ release }}\n# thanosctl {{", "`a` was not meant"),
    ] {
        let failure = changed(&case, from, to).unwrap_err();
        let said = failure.contains(said) && failure.contains("this is a bug") && !failure.contains("min{{io");
        assert!(said, "{from}: {failure}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// [`Template::render`] reads back what it made, so a text that came out as anything else would be an error.
    #[test]
    fn any_text_of_settings_and_clusters_comes_out_as_one_value(
        text in "(?s).{1,20}",
        cluster in "(?s).{1,12}",
        missing in "(?s).{0,20}",
        chart in prop::sample::select(&["bitnami/thanos", "thanos-community/thanos", "stevehipwell/thanos"][..]),
    ) {
        let Ok(cluster) = ClusterName::try_from(cluster) else { return Ok(()) };
        let mut case = Case::of(&format!(
            "chart: {chart}\nqueryFrontend: {{}}\ncompactor: {{}}\nstoregateway: {{}}\n\
             objstore: {{type: S3, prefix: x, config: {{bucket: thanos, endpoint: s3, access_key: {{env: USER}}, secret_key: {{env: PASSWORD}}}}}}\n\
             ruler: {{alertmanagers: ['http://am:9093'], rules: [rules.yaml]}}\n"
        ));
        case.password = text.clone();
        case.thanos.image = Some(crate::settings::thanos::Image {
            registry: Some("quay.io".to_owned()),
            repository: Some(text.clone()),
            tag: Some("v0.39.2".to_owned()),
            pull_secrets: vec![text.clone()],
        });
        case.thanos.resources.requests =
            [("cpu".to_owned(), document::read::<crate::settings::thanos::Quantity>("test", "1").unwrap())].into();
        if let Some(ruler) = &mut case.thanos.ruler {
            ruler.labels = [("region".to_owned(), text.clone())].into();
        }
        let usable = crate::secret::Secret::new(case.password.clone()).is_ok_and(|secret| secret.line().is_ok());
        prop_assume!(usable);
        let endpoint = Endpoint {
            address: "10.0.0.1:10901".parse().unwrap(),
            evidence: Evidence::Found(Source::NodePort),
            origin: Origin { cluster, service: Some(ServiceRef { namespace: text.clone(), name: missing.clone() }) },
        };
        let plan = Plan::assemble(vec![endpoint]).unwrap();
        for mode in [SecretsMode::Inline, SecretsMode::Manifest] {
            case.mode = mode;
            let made = case.with(|request| {
                let release = Release::of(request)?;
                let rendered = release.render(&plan, std::slice::from_ref(&missing))?;
                release.secret_manifest()?;
                Ok(rendered.values.tree)
            });
            let made: Result<_, Failures> = made;
            if let Err(failures) = made {
                // The settings may be refused; what was rendered may not.
                prop_assert!(!failures.to_string().contains("this is a bug"), "{}", failures);
            }
        }
        case.thanos.query.file_sd = Some(crate::settings::thanos::FileSd { config_map: "stores".to_owned() });
        let stores = case.with(|request| Release::of(request)?.stores_config_map(&plan, std::slice::from_ref(&missing)));
        if let Err(failures) = stores {
            prop_assert!(!failures.to_string().contains("this is a bug"), "{}", failures);
        }
    }
}
