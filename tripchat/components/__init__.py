"""The parts pages are made of: functions that turn Vars into elements, styled by `assets/styles`."""
