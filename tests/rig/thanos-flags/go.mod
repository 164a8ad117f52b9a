module thanosctl.example/rig/thanos-flags

go 1.24
