//! Programs written in Go that ship as one file.
//!
//! Three things tell their version: the main module in the build information, a variable set by the linker
//! (`-ldflags -X`), as that information repeats it, and, where paths were trimmed, the text of that variable
//! itself, which stands beside the version of Go (<https://pkg.go.dev/runtime/debug#BuildInfo>,
//! `addstrdata` of the linker).

use super::{Classifier, Mark, high, medium, row};

/// The main module: `mod\tgithub.com/hashicorp/consul\tv1.15.2\th1:…`.
const fn module(literal: &'static str) -> Mark {
    high(literal, r"\nmod\t[^\t\n]{1,120}\tv(<v3><pre>)(?:[+][0-9A-Za-z.-]{1,40})?[\t\n]")
}

/// A variable set by the linker: `-X main.version=v1.2.3`.
const fn variable(literal: &'static str) -> Mark {
    high(
        literal,
        r#"(?i:version|tag|releasetag|customversion|gitdescribe)=\\?["']?(?:v|release-)?(<v3><pre>)(?:[+~-][0-9A-Za-z.+~-]{1,40})?[\\"' \n]"#,
    )
}

/// Such a variable, beside the version of Go.
const LINKED: Mark = medium(
    "\0go1.",
    r"\x00go1\.[0-9]{1,2}(?:\.[0-9]{1,2})?\x00+v?(<v3><pre>)(?:[+~-][0-9A-Za-z.+~-]{1,40})?\x00",
);

const KUBERNETES: Mark =
    medium("\0v1.", r"\x00v(1\.[0-9]{1,2}\.[0-9]{1,2}<pre>)(?:[+-][0-9A-Za-z.+-]{1,40})?\x00");

const MINIO: Mark =
    high("RELEASE.20", r"RELEASE\.(20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}-[0-9]{2}-[0-9]{2}Z)");

/// The Beats carry their version as a constant, which the agent's user agent joins.
const BEATS: Mark = medium("libbeat", r"\x00([5-9]\.[0-9]{1,2}\.[0-9]{1,2}<pre>)\x00");

pub(super) const ROWS: &[Classifier] = &[
    row(
        "traefik",
        &["traefik"],
        &[
            module("mod\tgithub.com/traefik/traefik/v"),
            variable("pkg/version.Version="),
            medium("\0v", r"\x00v([1-3]\.[0-9]{1,2}\.[0-9]{1,2}<pre>)\x00"),
            LINKED,
        ],
        &["traefik:traefik"],
    ),
    row(
        "consul",
        &["consul"],
        &[
            module("mod\tgithub.com/hashicorp/consul\t"),
            variable("consul/version.Version="),
            variable("consul/version.GitDescribe="),
            medium("CONSUL_VERSION: ", r"CONSUL_VERSION: (<v3><pre>)"),
            LINKED,
        ],
        &["hashicorp:consul"],
    ),
    row(
        "vault",
        &["vault"],
        &[
            module("mod\tgithub.com/hashicorp/vault\t"),
            variable("vault/version.Version="),
            variable("version/version.Version="),
            variable("sdk/version.fullVersion="),
            medium("\0v1.", r"\x00v?(1\.[0-9]{1,2}\.[0-9]{1,2}<pre>)(?:\+ent)?\x00"),
            LINKED,
        ],
        &["hashicorp:vault"],
    ),
    row(
        "nomad",
        &["nomad"],
        &[module("mod\tgithub.com/hashicorp/nomad\t"), variable("nomad/version.Version="), LINKED],
        &["hashicorp:nomad"],
    ),
    row(
        "terraform",
        &["terraform"],
        &[
            module("mod\tgithub.com/hashicorp/terraform\t"),
            variable("terraform/version.Version="),
            LINKED,
        ],
        &["hashicorp:terraform"],
    ),
    row(
        "packer",
        &["packer"],
        &[
            module("mod\tgithub.com/hashicorp/packer\t"),
            variable("packer/version.Version="),
            LINKED,
        ],
        &["hashicorp:packer"],
    ),
    row(
        "openbao",
        &["bao", "openbao"],
        &[module("mod\tgithub.com/openbao/openbao\t"), variable("version.fullVersion="), LINKED],
        &["openbao:openbao"],
    ),
    row(
        "etcd",
        &["etcd", "etcdctl", "etcdutl"],
        &[
            module("mod\tgo.etcd.io/etcd/server/v"),
            module("mod\tgo.etcd.io/etcd/v"),
            module("mod\tgo.etcd.io/etcd/etcdctl/v"),
            module("mod\tgo.etcd.io/etcd/etcdutl/v"),
            medium("dep\tgo.etcd.io/etcd/api/v", r"etcd/api/v3\tv(<v3><pre>)[\t\n]"),
            variable("etcd/version.Version="),
            medium("\x003.", r"\x00(3\.[2-9]\.[0-9]{1,2})\x00"),
            LINKED,
        ],
        &["etcd:etcd"],
    ),
    row(
        "helm",
        &["helm"],
        &[
            module("mod\thelm.sh/helm/v"),
            variable("internal/version.version="),
            medium("\0v", r"\x00v([2-4]\.[0-9]{1,2}\.[0-9]{1,2}<pre>)\x00"),
            LINKED,
        ],
        &["helm:helm"],
    ),
    row(
        "kubectl",
        &["kubectl", "kubectl-*"],
        &[
            module("mod\tk8s.io/kubernetes\t"),
            variable("component-base/version.gitVersion="),
            variable("pkg/version.gitVersion="),
            KUBERNETES,
            LINKED,
        ],
        &["kubernetes:kubernetes"],
    ),
    row(
        "kubernetes",
        &[
            "kubelet",
            "kubeadm",
            "kube-apiserver",
            "kube-controller-manager",
            "kube-scheduler",
            "kube-proxy",
        ],
        &[
            module("mod\tk8s.io/kubernetes\t"),
            variable("component-base/version.gitVersion="),
            variable("pkg/version.gitVersion="),
            KUBERNETES,
            LINKED,
        ],
        &["kubernetes:kubernetes"],
    ),
    row(
        "docker-cli",
        &["docker"],
        &[
            module("mod\tgithub.com/docker/cli\t"),
            variable("cli/version.Version="),
            variable("cli/cli/version.Version="),
            LINKED,
        ],
        &["docker:docker", "docker:command_line_interface"],
    ),
    row(
        "docker",
        &["dockerd", "docker-proxy"],
        &[
            module("mod\tgithub.com/docker/docker\t"),
            module("mod\tgithub.com/moby/moby\t"),
            variable("dockerversion.Version="),
            LINKED,
        ],
        &["docker:docker", "mobyproject:moby"],
    ),
    row(
        "containerd",
        &["containerd", "containerd-shim*", "ctr"],
        &[
            module("mod\tgithub.com/containerd/containerd\t"),
            module("mod\tgithub.com/containerd/containerd/v"),
            variable("containerd/version.Version="),
            variable("version.Version="),
            LINKED,
        ],
        &["linuxfoundation:containerd"],
    ),
    row(
        "runc",
        &["runc"],
        &[
            module("mod\tgithub.com/opencontainers/runc\t"),
            variable("main.version="),
            high("runc version ", r"runc version (<v3><pre>)"),
            LINKED,
        ],
        &["linuxfoundation:runc", "opencontainers:runc"],
    ),
    row(
        "podman",
        &["podman", "podman-remote"],
        &[module("mod\tgithub.com/containers/podman/v"), LINKED],
        &["podman_project:podman", "redhat:podman"],
    ),
    row(
        "buildah",
        &["buildah"],
        &[module("mod\tgithub.com/containers/buildah\t"), LINKED],
        &["buildah_project:buildah"],
    ),
    row(
        "skopeo",
        &["skopeo"],
        &[
            module("mod\tgithub.com/containers/skopeo\t"),
            high("skopeo/", r"skopeo/(1\.[0-9]{1,2}\.[0-9]{1,2})"),
            LINKED,
        ],
        &["skopeo_project:skopeo"],
    ),
    row(
        "grafana",
        &["grafana", "grafana-server", "grafana-cli"],
        &[module("mod\tgithub.com/grafana/grafana\t"), variable("main.version="), LINKED],
        &["grafana:grafana"],
    ),
    row(
        "loki",
        &["loki", "promtail", "logcli"],
        &[module("mod\tgithub.com/grafana/loki\t"), variable("build.Version="), LINKED],
        &["grafana:loki"],
    ),
    row(
        "prometheus",
        &["prometheus", "promtool"],
        &[
            module("mod\tgithub.com/prometheus/prometheus\t"),
            variable("common/version.Version="),
            LINKED,
        ],
        &["prometheus:prometheus"],
    ),
    row(
        "alertmanager",
        &["alertmanager", "amtool"],
        &[
            module("mod\tgithub.com/prometheus/alertmanager\t"),
            variable("common/version.Version="),
            LINKED,
        ],
        &["prometheus:alertmanager"],
    ),
    row(
        "node_exporter",
        &["node_exporter"],
        &[
            module("mod\tgithub.com/prometheus/node_exporter\t"),
            variable("common/version.Version="),
            LINKED,
        ],
        &[],
    ),
    row(
        "minio",
        &["minio"],
        &[module("mod\tgithub.com/minio/minio\t"), variable("cmd.ReleaseTag="), MINIO, LINKED],
        &["minio:minio"],
    ),
    row(
        "influxdb",
        &["influxd", "influx"],
        &[module("mod\tgithub.com/influxdata/influxdb\t"), variable("main.version="), LINKED],
        &["influxdata:influxdb"],
    ),
    row(
        "telegraf",
        &["telegraf"],
        &[module("mod\tgithub.com/influxdata/telegraf\t"), variable("internal.Version="), LINKED],
        &["influxdata:telegraf"],
    ),
    row(
        "nats",
        &["nats-server"],
        &[
            module("mod\tgithub.com/nats-io/nats-server/v"),
            variable("server.serverVersion="),
            LINKED,
        ],
        &["linuxfoundation:nats-server", "nats:nats_server"],
    ),
    row(
        "caddy",
        &["caddy"],
        &[
            module("mod\tgithub.com/caddyserver/caddy/v"),
            variable("caddy.CustomVersion="),
            medium("dep\tgithub.com/caddyserver/caddy/v", r"caddy/v[0-9]\tv(<v3><pre>)"),
            LINKED,
        ],
        &["caddyserver:caddy"],
    ),
    row(
        "istio",
        &["pilot-discovery", "pilot-agent", "istioctl"],
        &[module("mod\tistio.io/istio\t"), variable("version.buildVersion="), LINKED],
        &["istio:istio"],
    ),
    row(
        "cosign",
        &["cosign"],
        &[
            module("mod\tgithub.com/sigstore/cosign/v"),
            module("mod\tgithub.com/sigstore/cosign\t"),
            variable("version.gitVersion="),
            LINKED,
        ],
        &["sigstore:cosign"],
    ),
    row("oras", &["oras"], &[module("mod\toras.land/oras\t"), LINKED], &["deislabs:oras"]),
    row(
        "rclone",
        &["rclone"],
        &[module("mod\tgithub.com/rclone/rclone\t"), variable("fs.Version="), LINKED],
        &["rclone:rclone"],
    ),
    row(
        "restic",
        &["restic"],
        &[module("mod\tgithub.com/restic/restic\t"), variable("main.version="), LINKED],
        &[],
    ),
    row(
        "syncthing",
        &["syncthing"],
        &[module("mod\tgithub.com/syncthing/syncthing\t"), variable("build.Version="), LINKED],
        &["syncthing:syncthing"],
    ),
    row(
        "gitea",
        &["gitea"],
        &[module("mod\tcode.gitea.io/gitea\t"), variable("main.Version="), LINKED],
        &["gitea:gitea"],
    ),
    row(
        "gitlab-runner",
        &["gitlab-runner"],
        &[
            module("mod\tgitlab.com/gitlab-org/gitlab-runner\t"),
            variable("common.VERSION="),
            LINKED,
        ],
        &["gitlab:runner"],
    ),
    row(
        "git-lfs",
        &["git-lfs"],
        &[module("mod\tgithub.com/git-lfs/git-lfs/v"), LINKED],
        &["git_large_file_storage_project:git_large_file_storage"],
    ),
    row(
        "argo-cd",
        &["argocd", "argocd-server"],
        &[module("mod\tgithub.com/argoproj/argo-cd/v"), variable("common.version="), LINKED],
        &["argoproj:argo_cd"],
    ),
    row(
        "cilium",
        &["cilium", "cilium-agent", "cilium-dbg"],
        &[module("mod\tgithub.com/cilium/cilium\t"), variable("version.ciliumVersion="), LINKED],
        &["cilium:cilium"],
    ),
    row(
        "coredns",
        &["coredns"],
        &[
            module("mod\tgithub.com/coredns/coredns\t"),
            variable("coremain.Version="),
            high("CoreDNS-", r"CoreDNS-(<v3><pre>)"),
            LINKED,
        ],
        &["coredns.io:coredns"],
    ),
    row(
        "contour",
        &["contour"],
        &[module("mod\tgithub.com/projectcontour/contour\t"), variable("build.Version="), LINKED],
        &["projectcontour:contour"],
    ),
    row(
        "crossplane",
        &["crossplane"],
        &[module("mod\tgithub.com/crossplane/crossplane\t"), variable("version.version="), LINKED],
        &["crossplane:crossplane"],
    ),
    row(
        "flux",
        &["flux"],
        &[module("mod\tgithub.com/fluxcd/flux2/v"), variable("main.VERSION="), LINKED],
        &["fluxcd:flux2"],
    ),
    row(
        "jaeger",
        &["jaeger-*", "jaeger"],
        &[
            module("mod\tgithub.com/jaegertracing/jaeger\t"),
            variable("version.latestVersion="),
            LINKED,
        ],
        &["linuxfoundation:jaeger"],
    ),
    row(
        "oauth2-proxy",
        &["oauth2-proxy", "oauth2_proxy"],
        &[
            module("mod\tgithub.com/oauth2-proxy/oauth2-proxy/v"),
            variable("main.VERSION="),
            variable("pkg/version.VERSION="),
            LINKED,
        ],
        &["oauth2_proxy_project:oauth2_proxy"],
    ),
    row(
        "opentelemetry-collector",
        &["otelcol", "otelcol-contrib"],
        &[module("mod\tgo.opentelemetry.io/collector/cmd/otelcol\t"), LINKED],
        &["linuxfoundation:opentelemetry_collector"],
    ),
    row(
        "velero",
        &["velero"],
        &[module("mod\tgithub.com/vmware-tanzu/velero\t"), variable("buildinfo.Version="), LINKED],
        &[],
    ),
    row(
        "cockroachdb",
        &["cockroach"],
        &[module("mod\tgithub.com/cockroachdb/cockroach\t"), variable("build.tag="), LINKED],
        &["cockroachlabs:cockroachdb"],
    ),
    row(
        "filebeat",
        &["filebeat"],
        &[module("mod\tgithub.com/elastic/beats/v"), BEATS, LINKED],
        &["elastic:filebeat"],
    ),
    row(
        "metricbeat",
        &["metricbeat"],
        &[module("mod\tgithub.com/elastic/beats/v"), BEATS, LINKED],
        &["elastic:metricbeat"],
    ),
    row(
        "heartbeat",
        &["heartbeat"],
        &[module("mod\tgithub.com/elastic/beats/v"), BEATS, LINKED],
        &["elastic:heartbeat"],
    ),
    row(
        "packetbeat",
        &["packetbeat"],
        &[module("mod\tgithub.com/elastic/beats/v"), BEATS, LINKED],
        &["elastic:packetbeat"],
    ),
    row(
        "auditbeat",
        &["auditbeat"],
        &[module("mod\tgithub.com/elastic/beats/v"), BEATS, LINKED],
        &["elastic:auditbeat"],
    ),
    row(
        "elastic-agent",
        &["elastic-agent"],
        &[module("mod\tgithub.com/elastic/elastic-agent\t"), BEATS, LINKED],
        &["elastic:elastic_agent"],
    ),
    row(
        "gosu",
        &["gosu"],
        &[
            module("mod\tgithub.com/tianon/gosu\t"),
            variable("main.Version="),
            medium("\x001.", r"\x00(1\.[0-9]{1,2})(?:\.[0-9])? \(go1\."),
            LINKED,
        ],
        &[],
    ),
    row(
        "kustomize",
        &["kustomize"],
        &[module("mod\tsigs.k8s.io/kustomize/kustomize/v"), LINKED],
        &["kubernetes:kustomize"],
    ),
    row("seaweedfs", &["weed"], &[module("mod\tgithub.com/seaweedfs/seaweedfs\t"), LINKED], &[]),
    row(
        "temporal",
        &["temporal-server"],
        &[module("mod\tgo.temporal.io/server\t"), LINKED],
        &["temporal:temporal"],
    ),
];
