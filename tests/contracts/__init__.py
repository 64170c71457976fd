"""The shared models, the documents rendered from them, and the broker rules that go with the topics."""
