import Testing

@Suite("Kit") struct KitSuites {}
