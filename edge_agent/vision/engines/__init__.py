"""Face engines behind one port (`ports.FaceEngine`). `factory.build` is the only door; the rest is heavy."""
