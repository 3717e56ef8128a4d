"""Fifteen mistakes that other products made, planted one by one: the proof suites must find each of them.

A mistake is a file of `planted/`: exact replacements of text in shipped files, the command of a proof suite that
must catch it, and the words of the broken promise that its output must hold. `make sabotage` plants each in a copy
of the working tree, never in the tree itself (reliability notes §3.5, « prove the tests bite »).
"""
