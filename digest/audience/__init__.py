"""What people and operators do about subscriptions; all of it safe twice, and committed before anybody is told.

    sign_up.sign_up            form or API → pending, one mail that asks (ask.py says when it may go)
    confirm.look, .confirm     the link in that mail → confirmed, welcome mails
    unsubscribe.look, .unsubscribe, .unsubscribe_all, .say_why
    preferences.look, .join, choose.choose_by_link; preferences.send_data_link → my_data.look, .export, .erase
    new_address.ask_to_move → .look, .press           fresh.py: links that are mailed on request
    enrol.add_subscriber, imports.examine, .apply, .undo     an operator brings people; nobody who left comes back by this
    exports.export, person.export_person, person.erase_person, suppress.suppress_address

The tables of states and moves are in `model.subscriber`.
"""
