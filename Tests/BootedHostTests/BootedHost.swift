import Testing

@Suite("A booted host") struct BootedHostTests {}
