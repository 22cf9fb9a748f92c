"""What a service is: the resources of a web service, composed from small typed functions.

Everything here takes plain values or intrinsic functions and returns troposphere resources. It knows no parameters and
no templates, so that a blueprint, a macro or a product in a catalogue can be a door to the same resources.
"""
