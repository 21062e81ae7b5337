import Testing

@Suite("Engine") struct EngineSuites {}
