"""The few parts that run in the browser, each wrapped as a Reflex component or Var."""
