"""The parts of pages: functions that turn Vars into elements, styled by `assets/styles`."""
